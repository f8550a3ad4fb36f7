/**
 * Gives the memory of a chunk back at once, when nobody will read it again. A collector that is left to find it lets tens of megabytes of
 * chunks gather, and then stops everything to look through all that the server remembers.
 */
export function giveBack({ buffer, byteLength }: Buffer): void {
  // A part of something larger is not alone in its memory.
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
