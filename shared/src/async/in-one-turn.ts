/** Does something once for all who ask for it in one turn of the loop, after them. */
export function inOneTurn(act: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    process.nextTick(() => {
      isDue = false
      act()
    })
  }
}
