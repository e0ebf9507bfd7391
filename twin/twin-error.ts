/** Something about the user's folder, machine or tools: told to the user as it is, without a stack. */
export class TwinError extends Error {
  override readonly name = 'TwinError';
}
