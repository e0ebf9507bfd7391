/** Plain HTTP requests to nodes, by their private address. */
export interface Requests {
  /** The status that was answered, or why none was. */
  get(address: string, path: string): Promise<{ readonly status: number } | { readonly why: string }>;
}
