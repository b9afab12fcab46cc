/** Something that happens once: who waits for it, before or after, goes on. */
export type Latch = {
  readonly opened: Promise<void>
  /** Any further time does nothing. */
  open(): void
}

export function createLatch(): Latch {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}
