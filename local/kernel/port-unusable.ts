/** An address of this machine is somebody else's; the message says which and what to do. */
export class PortUnusable extends Error {
  override readonly name = 'PortUnusable';
}
