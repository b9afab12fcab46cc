import type { KubeObject } from '@bramble/shared/api/client.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import type { AskedAbout, TypeName } from '../admission.ts'

/** A write or a connection as those see it who are asked about it, webhooks and policies: in the words of an AdmissionRequest. */
export type Question = Pick<AskedAbout, 'operation' | 'kind' | 'origin' | 'asker' | 'owners' | 'alsoAs'> & {
  readonly type: TypeName
  readonly subresource: string
  /** Empty where the hub will draw it. */
  readonly name: string
  /** A Namespace is in itself. */
  readonly namespace: string
  /** As it stands: who is asked may change it in place. */
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
  /** Null of a connection, whose options are its object. */
  readonly options: () => object | null
  readonly warn: (text: string) => void
}

/** `isDecided`: the object is as it will be stored, its name included. */
export function questionOf(admission: AskedAbout, isDecided: boolean): Question {
  const { operation, kind, namespace, name, object, previous, origin, type = kind, asker, owners, alsoAs, hasDrawnName = false } = admission
  const shownName = hasDrawnName && !isDecided ? '' : name
  return {
    ...{ operation, kind, origin, type, object, asker, owners, alsoAs },
    subresource: origin.subresource ?? '',
    name: shownName,
    namespace: kind === namespaces ? shownName : (namespace ?? ''),
    oldObject: previous,
    options: admission.options ?? (() => optionsOf(operation, origin.query)),
    warn: admission.warn ?? (() => {}),
  }
}

/** What Kubernetes calls the query of a write; that of a patch is told as that of an update. */
function optionsOf(operation: AskedAbout['operation'], query: URLSearchParams | undefined): object | null {
  if (operation === 'CONNECT') return null
  const kind = operation === 'CREATE' ? 'CreateOptions' : operation === 'UPDATE' ? 'UpdateOptions' : 'DeleteOptions'
  const text = (name: string) => query?.get(name) ?? ''
  const [dryRun, fieldManager, fieldValidation] = [query?.getAll('dryRun') ?? [], text('fieldManager'), text('fieldValidation')]
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...(dryRun.length > 0 && { dryRun }),
    ...(fieldManager !== '' && { fieldManager }),
    ...(fieldValidation !== '' && { fieldValidation }),
  }
}
