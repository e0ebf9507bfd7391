const TITLES: Readonly<Record<number, string>> = {
  400: '400 Bad Request',
  500: '500 Internal Server Error',
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};

/** The small page a load balancer answers with when it answers itself. */
export function statusPage(status: number): { readonly contentType: string; readonly body: string } {
  const title = TITLES[status] ?? String(status);
  return {
    contentType: 'text/html',
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  };
}
