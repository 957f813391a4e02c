/** A file as judging reads it: ranges of its bytes, `end` not included. */
export type JudgeSource = {
  readonly size: number
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>
}
