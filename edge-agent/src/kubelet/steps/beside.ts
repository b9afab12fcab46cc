/** Work of one pod that goes on while its worker does other things. */
export type Beside = {
  /** Begins the work, which handles what goes wrong in it; the pod is looked at anew when it is over. */
  run(work: () => Promise<void>): void
  /** Resolves when all of it is over. */
  ended(): Promise<void>
}

export function createBeside(onOver: () => void): Beside {
  const going = new Set<Promise<void>>()
  return {
    run(work) {
      const over = work().finally(() => {
        going.delete(over)
        onOver()
      })
      going.add(over)
    },
    async ended() {
      await Promise.all(going)
    },
  }
}
