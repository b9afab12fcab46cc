import { discover } from '@bramble/shared/discover.ts'
import { isBoard, type Board, type BoardIdentity, type BoardModel } from './board.ts'

export const boards: readonly Board[] = discover(import.meta.glob('./boards/*.ts', { eager: true }), isBoard)

export type BoardMatch = { readonly board: Board; readonly model: BoardModel }

/**
 * The board this machine is: by its device tree, which every kernel and distribution has; else by its revision code;
 * else the fallback of its architecture. Undefined for an architecture nobody wrote a file for.
 */
export function findBoard(identity: BoardIdentity, among: readonly Board[] = boards): BoardMatch | undefined {
  const all = among.flatMap((board) => board.models.map((model) => ({ board, model })))
  // The tree lists the most specific name first, and a compute module's carrier may name the module after itself.
  for (const name of identity.compatible) {
    const match = all.find(({ model }) => model.compatible.includes(name))
    if (match) return match
  }
  const byType = all.find(({ model }) => identity.revision !== undefined && model.types.includes(identity.revision.type))
  return byType ?? all.find(({ board }) => board.isFallback === true && board.architecture === identity.architecture)
}
