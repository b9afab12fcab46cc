import type { KubeObject } from '@bramble/shared/api/client.ts'
import { AuthorizerValue, ResourceCheck } from '@bramble/shared/cel/authorizer-values.ts'
import { namespaceSchema, type VariableName } from '@bramble/shared/cel/admission/environment.ts'
import { celValueOf } from '@bramble/shared/cel/json-values.ts'
import { plainValueOf } from '@bramble/shared/cel/plain-values.ts'
import type { Value } from '@bramble/shared/cel/values.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { withWrittenParts } from '@bramble/shared/schema/always-written.ts'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import type { Authorizer } from '../../authz/authorizer.ts'
import type { KindIndex } from '../../discovery/kind-index.ts'
import type { Registry } from '../../objects/registry.ts'
import { type Conversions, converting } from '../../ownership/converting.ts'
import { createVersions } from '../../ownership/versions.ts'
import { withOwners } from '../../ownership/with-owners.ts'
import { accessOf } from './access.ts'
import type { Question } from './question.ts'
import { requestOf } from './request.ts'
import { namespaceNamed } from './selectors.ts'

export type SceneDeps = {
  readonly registry: Registry
  readonly kinds: Pick<KindIndex, 'byKind'>
  readonly conversions: Conversions
  readonly authorizers: readonly Authorizer[]
}

/** A question in one version of its resource: the objects as they are sent, and what expressions see of it all. Made of the object as it stands now. */
export type View = {
  readonly version: Kind
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
  /** Of a variable that belongs to the request; none of the others. */
  valueOf(name: VariableName): Value | undefined
}

/** What is looked at more than once is worked out once. */
export class Scene {
  readonly question: Question
  readonly #deps: SceneDeps
  readonly #views = new Map<Kind, View>()
  #namespace: { readonly value: Value } | undefined
  #authorizer: AuthorizerValue | undefined

  constructor(question: Question, deps: SceneDeps) {
    this.question = question
    this.#deps = deps
  }

  /** Another version may have to be asked for. */
  view(version: Kind): View | Promise<View> {
    const known = this.#views.get(version)
    if (known !== undefined) return known
    const { kind, type, object, oldObject, alsoAs } = this.question
    if (version === kind || type !== kind) return this.#keep(version, object, oldObject)
    if (alsoAs?.includes(version) === true)
      return this.#keep(version, object && { ...object, apiVersion: apiVersionOf(version) }, oldObject)
    return this.#converted(version)
  }

  async #converted(version: Kind): Promise<View> {
    const { kind, object, oldObject } = this.question
    const versions = createVersions(kind, this.#deps)
    const inIt = (one: KubeObject | undefined) =>
      one === undefined ? undefined : converting(() => versions.convert(one, apiVersionOf(kind), apiVersionOf(version)) as KubeObject) // of an object comes one
    return this.#keep(version, await inIt(object), await inIt(oldObject))
  }

  #keep(version: Kind, object: KubeObject | undefined, oldObject: KubeObject | undefined): View {
    const { question } = this
    const isOfKind = question.type === question.kind
    const written = (one: KubeObject | undefined, owners: string | undefined) =>
      one === undefined || !isOfKind ? one : withOwners(withWrittenParts(version.node, unnamed(one, question)), owners)
    const { owners } = question
    const shown = { object: written(object, owners?.object), oldObject: written(oldObject, owners?.previous) }
    const values = new Map<VariableName, Value | undefined>()
    const make = (name: VariableName): Value | undefined => {
      switch (name) {
        case 'object':
          return plainValueOf(shown.object)
        case 'oldObject':
          return plainValueOf(shown.oldObject)
        case 'request':
          return plainValueOf(requestOf(question, version))
        case 'namespaceObject':
          return (this.#namespace ??= { value: this.#namespaceValue() }).value
        case 'authorizer':
          return this.#asker()
        case 'authorizer.requestResource':
          return this.#ownResource()
        default:
          return undefined
      }
    }
    const view: View = {
      ...{ version, ...shown },
      valueOf(name) {
        if (!values.has(name)) values.set(name, make(name))
        return values.get(name)
      },
    }
    this.#views.set(version, view)
    return view
  }

  #namespaceValue(): Value {
    const { kind, namespace } = this.question
    const found = kind === namespaces || namespace === '' ? undefined : namespaceNamed(this.#deps.registry, namespace)
    return found === undefined ? null : celValueOf(found, namespaceSchema)
  }

  #asker(): AuthorizerValue {
    return (this.#authorizer ??= new AuthorizerValue(accessOf(this.#deps.authorizers, this.question.origin.user)))
  }

  #ownResource(): ResourceCheck {
    const { kind, subresource, namespace, name } = this.question
    const selectors = { fieldSelector: '', labelSelector: '' }
    return new ResourceCheck(this.#asker(), { group: kind.group, resource: kind.resource, subresource, namespace, name, ...selectors })
  }
}

/** A name that is yet to be drawn is none. */
function unnamed(object: KubeObject, { operation, name }: Question): KubeObject {
  if (operation !== 'CREATE' || name !== '') return object
  const { name: _drawn, ...metadata } = object.metadata
  return { ...object, metadata: metadata as KubeObject['metadata'] } // as its sender wrote it
}
