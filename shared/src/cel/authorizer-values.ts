import { Opaque } from './values.ts'

export type ResourceAsked = {
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly fieldSelector: string
  readonly labelSelector: string
}

/** What an expression asks an authorizer, in the words of an access review. */
export type AccessQuestion = {
  /** In whose name; none: in that of whoever sent the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
  readonly verb: string
} & ({ readonly path: string } | ResourceAsked)

export type AccessAnswer = { readonly allowed: boolean; readonly reason: string; readonly error: string }

/** Asked while the expression is evaluated. */
export type Access = (question: AccessQuestion) => AccessAnswer

abstract class Asking extends Opaque {
  isSame(other: Opaque): boolean {
    return other === this
  }
}

export class AuthorizerValue extends Asking {
  readonly typeName = 'kubernetes.authorization.Authorizer'
  readonly access: Access
  readonly serviceAccount: AccessQuestion['serviceAccount']

  constructor(access: Access, serviceAccount?: AccessQuestion['serviceAccount']) {
    super()
    this.access = access
    this.serviceAccount = serviceAccount
  }
}

/** Of a path that is no resource. */
export class Check extends Asking {
  readonly typeName = 'kubernetes.authorization.PathCheck'
  readonly of: AuthorizerValue
  readonly path: string

  constructor(of: AuthorizerValue, path: string) {
    super()
    this.of = of
    this.path = path
  }
}

export class GroupCheck extends Asking {
  readonly typeName = 'kubernetes.authorization.GroupCheck'
  readonly of: AuthorizerValue
  readonly group: string

  constructor(of: AuthorizerValue, group: string) {
    super()
    this.of = of
    this.group = group
  }
}

export class ResourceCheck extends Asking {
  readonly typeName = 'kubernetes.authorization.ResourceCheck'
  readonly of: AuthorizerValue
  readonly asked: ResourceAsked

  constructor(of: AuthorizerValue, asked: ResourceAsked) {
    super()
    this.of = of
    this.asked = asked
  }

  with(part: Partial<ResourceAsked>): ResourceCheck {
    return new ResourceCheck(this.of, { ...this.asked, ...part })
  }
}

export class DecisionValue extends Asking {
  readonly typeName = 'kubernetes.authorization.Decision'
  readonly answer: AccessAnswer

  constructor(answer: AccessAnswer) {
    super()
    this.answer = answer
  }
}
