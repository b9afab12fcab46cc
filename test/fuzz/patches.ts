import { openFrontDoor } from './front-door.ts'
import { checkPrototypes } from './refusals.ts'
import { defineTarget, type Target } from './target.ts'

export type PatchTarget = Pick<Target, 'name' | 'seeds' | 'words'> & { readonly contentType: string; readonly query?: string }

/** One form of a patch, of a Deployment that is there. */
export const definePatchTarget = ({ contentType, query = '', ...of }: PatchTarget): Target =>
  defineTarget({
    ...of,
    async open() {
      const ask = await openFrontDoor()
      const url = `/apis/apps/v1/namespaces/default/deployments/d?dryRun=All${query}`
      return async (body) => {
        await ask({ method: 'PATCH', url, headers: { 'content-type': contentType }, body })
        checkPrototypes()
      }
    },
  })
