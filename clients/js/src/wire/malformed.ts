/** Bytes that do not follow the protocol. The connection they came over is closed with `code`. */
export class Malformed extends Error {
  /**
   * Says what is wrong.
   * @param message in words.
   * @param code 1002, 1007 or 1009 of protocol-spec.md §9.
   */
  constructor(message: string, readonly code: number = 1007) {
    super(message);
    this.name = 'Malformed';
  }
}
