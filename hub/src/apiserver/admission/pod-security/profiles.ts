import { type Checked, namesOf, plural, sorted, type Violation } from './check.ts'

/** Who of a pod asks for a type of profile that is not to be, and for which. */
export function typesIn({ spec, containers }: Checked, field: 'appArmorProfile' | 'seccompProfile', isBad: (type: string) => boolean) {
  const badIn = ({ securityContext }: Pick<Checked['spec'], never> & { readonly securityContext?: Profiles }) => {
    const type = securityContext?.[field]?.type
    return type !== undefined && isBad(type) ? [type as string] : []
  }
  return {
    isPod: badIn(spec).length > 0,
    names: namesOf(containers.filter((one) => badIn(one).length > 0)),
    types: sorted([spec, ...containers].flatMap(badIn)),
  }
}

type Profile = { readonly type: string }
type Profiles = { readonly appArmorProfile?: Profile; readonly seccompProfile?: Profile }

const podKey = 'seccomp.security.alpha.kubernetes.io/pod'
const containerKey = 'container.seccomp.security.alpha.kubernetes.io/'

/** As profiles were asked for before 1.19. */
export function seccompAnnotations({ annotations, containers }: Checked): Violation | undefined {
  const keys = [podKey, ...containers.map(({ name }) => `${containerKey}${name}`)]
  const bad = keys.filter(
    (key) => Object.hasOwn(annotations, key) && !/^(runtime|docker)\/default$|^localhost\//.test(annotations[key] ?? ''),
  )
  return bad.length === 0
    ? undefined
    : {
        reason: 'seccompProfile',
        detail: `forbidden ${plural('annotation', 'annotations', bad.length)} ${sorted(bad.map((key) => `${key}=${JSON.stringify(annotations[key])}`)).join(', ')}`,
      }
}
