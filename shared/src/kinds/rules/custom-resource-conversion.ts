import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { checkDns1035Label } from '../../meta/names.ts'
import type { CustomResourceConversion } from '../../types/custom-resource-definition.ts'
import { webhookErrors } from './webhook-client.ts'

const understood = ['v1', 'v1beta1']

/** In Kubernetes' words, which name the fields as its first version had them. */
export function conversionErrors(field: string, conversion: CustomResourceConversion | undefined): readonly FieldError[] {
  if (conversion === undefined) return []
  const { strategy, webhook } = conversion
  const client = `${field}.webhookClientConfig`
  const versions = `${field}.conversionReviewVersions`
  const odd = strategy === '' ? [fieldRequired(`${field}.strategy`)] : []
  if (strategy !== 'Webhook')
    return [
      ...odd,
      ...(['', 'None'].includes(strategy) ? [] : [fieldNotSupported(`${field}.strategy`, strategy, ['None', 'Webhook'])]),
      ...(webhook?.clientConfig === undefined ? [] : [fieldForbidden(client, 'should not be set when strategy is not set to Webhook')]),
      ...((webhook?.conversionReviewVersions.length ?? 0) === 0
        ? []
        : [fieldForbidden(versions, 'should not be set when strategy is not set to Webhook')]),
    ]
  return [
    ...(webhook?.clientConfig === undefined
      ? [fieldRequired(client, 'required when strategy is set to Webhook')]
      : webhookErrors(client, webhook.clientConfig)),
    ...reviewErrors(versions, webhook?.conversionReviewVersions ?? []),
  ]
}

function reviewErrors(field: string, versions: readonly string[]): readonly FieldError[] {
  if (versions.length === 0) return [fieldRequired(field)]
  return [
    ...versions.flatMap((version, index) => {
      if (versions.indexOf(version) < index) return [fieldInvalid(`${field}[${index}]`, version, 'duplicate version')]
      const complaints = checkDns1035Label(version)
      return complaints.length === 0 ? [] : [fieldInvalid(`${field}[${index}]`, version, complaints.join(','))]
    }),
    ...(versions.some((version) => understood.includes(version))
      ? []
      : [fieldInvalid(field, versions, `must include at least one of ${understood.join(', ')}`)]),
  ]
}
