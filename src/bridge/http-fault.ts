/** A call that is answered with an HTTP status other than 200. */
export class HttpFault extends Error {
  /** @param sentence the `errorStr` of the answer. */
  constructor(
    readonly status: number,
    sentence: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(sentence);
  }
}
