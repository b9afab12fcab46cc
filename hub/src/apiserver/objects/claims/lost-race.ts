/** What a write relied on was changed, or what it wants for its object alone was taken, before it was its turn: decide again. */
export class LostRace extends Error {
  constructor(key: string) {
    super(`${key} was changed by somebody else in the meantime`)
    this.name = 'LostRace'
  }
}
