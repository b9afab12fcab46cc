import { shownName } from '../../api/api-error.ts'

export const childPath = (path: string, name: string): string => (path === '' ? shownName(name) : `${path}.${shownName(name)}`)
export const keyPath = (path: string, name: string): string => `${path}[${shownName(name)}]`

/** What Go prints for the path of an error that has none. */
export const noField = '<nil>'
