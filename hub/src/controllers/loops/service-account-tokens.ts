import { type KubeObject, metadataOf } from '@bramble/shared/api/client.ts'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { type Secret, secrets } from '@bramble/shared/kinds/secret.ts'
import { type ServiceAccount, serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import type { IndexBy } from '../../client/lister.ts'
import { defineController, type TokenFor } from '../controller.ts'
import { objectsOf } from '../refusals.ts'

const nameAnnotation = 'kubernetes.io/service-account.name'
const uidAnnotation = 'kubernetes.io/service-account.uid'
const tokenType = 'kubernetes.io/service-account-token'

const accountOf = ({ metadata }: KubeObject) => metadata.annotations?.[nameAnnotation] ?? ''
const keyOf = ({ metadata: { namespace = '', name } }: KubeObject) => `${namespace}/${name}`
const byAccount: IndexBy<KubeObject> = (secret) => (accountOf(secret) === '' ? [] : [`${secret.metadata.namespace}/${accountOf(secret)}`])

/**
 * Who asks for a token without an end makes a Secret of this type that names an account: here it gets the token and what is needed to use it, and
 * goes with its account. Of the other Secrets it hears the metadata alone.
 */
export const serviceAccountTokens = defineController({
  name: 'serviceaccount-token',
  account: 'serviceaccount-token-controller',
  setUp({ client, queue, watch, tellAbout, config: { rootCa }, tokenFor }) {
    const onChange = (secret: KubeObject) => {
      if (accountOf(secret) !== '') queue.add(keyOf(secret))
    }
    const lister = watch(metadataOf(secrets), { onAdd: onChange, onUpdate: onChange })
    tellAbout(objectsOf(secrets, lister))
    const ofAccount = ({ metadata: { namespace, name } }: ServiceAccount) => {
      for (const secret of lister.by(byAccount, `${namespace}/${name}`)) queue.add(keyOf(secret))
    }
    const accounts = watch(serviceAccounts, { onAdd: ofAccount, onDelete: ofAccount })

    return async (key, signal) => {
      const [namespace = '', name = ''] = key.split('/')
      if (tokenFor === undefined || lister.get(namespace, name) === undefined) return
      const secret = await present(client.get(secrets, { namespace, name }, { signal }))
      if (secret?.type !== tokenType || secret.metadata.deletionTimestamp !== undefined) return
      const wanted = accountOf(secret)
      // A copy may be older than the account: nothing is deleted by it.
      const account =
        accounts.get(namespace, wanted) ?? (await present(client.get(serviceAccounts, { namespace, name: wanted }, { signal })))
      if (account === undefined || !isFor(secret, account)) {
        const { uid, resourceVersion } = secret.metadata
        const preconditions = { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) }
        await present(client.delete(secrets, { namespace, name }, { signal, preconditions }))
        return
      }
      const filled = filledIn(secret, account, { rootCa, tokenFor })
      if (filled !== undefined) await client.update(secrets, filled, { signal })
    }
  },
})

const isFor = ({ metadata }: Secret, account: ServiceAccount): boolean =>
  (metadata.annotations?.[uidAnnotation] ?? account.metadata.uid) === account.metadata.uid

/** Undefined when nothing is missing. */
function filledIn(
  secret: Secret,
  account: ServiceAccount,
  { rootCa, tokenFor }: { readonly rootCa: string; readonly tokenFor: TokenFor },
): Secret | undefined {
  const { namespace = '', name } = secret.metadata
  const { uid = '', name: accountName } = account.metadata
  const { data = {} } = secret
  const wanted = { 'ca.crt': encoded(rootCa), namespace: encoded(namespace) }
  const hasToken = (data['token'] ?? '') !== ''
  const isWhole =
    hasToken && Object.entries(wanted).every(([key, value]) => data[key] === value) && secret.metadata.annotations?.[uidAnnotation] === uid
  if (isWhole) return undefined
  const token: Record<string, string> = hasToken ? {} : { token: encoded(tokenFor({ namespace, name: accountName, uid, secret: name })) }
  return {
    ...secret,
    metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, [uidAnnotation]: uid } },
    data: { ...data, ...wanted, ...token },
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64')

const present = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked
  } catch (error) {
    if (isApiError(error, 'NotFound') || isApiError(error, 'Conflict')) return undefined
    throw error
  }
}
