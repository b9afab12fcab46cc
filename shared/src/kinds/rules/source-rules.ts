import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { within } from './field-errors.ts'
import { withoutBackstep } from './volume-paths.ts'

/** What one source of a volume must be, in a pod or in a PersistentVolume. */
export type SourceRule<S> = {
  /** What of it must be given. */
  readonly needs?: readonly (keyof S & string)[]
  /** What it is called in errors of its fields. */
  readonly told?: string
  check?(source: S, field: string): readonly FieldError[]
}

/** `field`: where the sources are, of which this is the one by that name. */
export function errorsOfSource<S>(
  { needs = [], told, check }: SourceRule<S>,
  source: S,
  { field, name }: { readonly field: string; readonly name: string },
): readonly FieldError[] {
  const at = `${field}.${told ?? name}`
  return [...needs.filter((part) => isMissing(source[part])).map((part) => fieldRequired(`${at}.${part}`)), ...(check?.(source, at) ?? [])]
}

const isMissing = (value: unknown) => value === undefined || value === '' || (Array.isArray(value) && value.length === 0)

type Path = { readonly path: string }
type Partition = { readonly partition?: number | undefined }

const validatePartition = ({ partition }: Partition, field: string): readonly FieldError[] =>
  within(`${field}.partition`, partition, 0, 255)

/** Sources that are the same in both. */
export const commonRules = {
  hostPath: { needs: ['path'], check: ({ path }: Path, field: string) => withoutBackstep(path, `${field}.path`) },
  gcePersistentDisk: { told: 'persistentDisk', needs: ['pdName'], check: validatePartition },
  awsElasticBlockStore: { needs: ['volumeID'], check: validatePartition },
  nfs: {
    needs: ['server', 'path'],
    check: ({ path }: Path, field: string) =>
      path.startsWith('/') ? [] : [fieldInvalid(`${field}.path`, path, 'must be an absolute path')],
  },
} as const
