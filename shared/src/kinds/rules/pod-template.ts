import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { matcherOf } from '../../meta/label-matcher.ts'
import { type LabelSelector, selectorOf } from '../../meta/label-selector.ts'
import type { PodTemplateSpec } from '../../types/pod-template.ts'
import { validateAnnotations, validateLabels } from './field-errors.ts'
import { validatePodAnnotations } from './pod-annotations.ts'
import { validatePodSpec } from './pod-spec.ts'
import { validateLabelSelector } from './scheduling.ts'

/** From this pods are made, whoever makes them. */
export const validatePodTemplate = ({ metadata, spec }: PodTemplateSpec, field: string): FieldError[] => [
  ...validateLabels(`${field}.labels`, metadata?.labels),
  ...validateAnnotations(`${field}.annotations`, metadata?.annotations),
  ...validatePodAnnotations(metadata?.annotations, spec, `${field}.annotations`),
  ...validatePodSpec(spec, `${field}.spec`),
  ...((spec.ephemeralContainers ?? []).length > 0
    ? [fieldForbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
    : []),
]

/** The selector of what keeps its pods running: one that finds everything would take over pods of others. */
export const validateSelector = (selector: LabelSelector | undefined, of: 'deployment' | 'daemonset' | 'statefulset'): FieldError[] =>
  selector === undefined
    ? [fieldRequired('spec.selector')]
    : [
        ...validateLabelSelector(selector, 'spec.selector'),
        ...(selectorOf(selector).length === 0 ? [fieldInvalid('spec.selector', selector, `empty selector is invalid for ${of}`)] : []),
      ]

type Runner = { readonly selector: LabelSelector | undefined; readonly template: PodTemplateSpec }
/** Kinds that keep their pods running; each is called so where it is told what its pods cannot have. */
type RunnerName = 'DaemonSet' | 'ReplicaSet' | 'ReplicationController' | 'StatefulSet'

/** The template of what keeps its pods running. */
export const validateTemplate = (
  { selector, template }: Runner,
  name: RunnerName,
  validate: typeof validatePodTemplate = validatePodTemplate,
): FieldError[] => {
  // Who cannot be asked which pods are his is not asked whether these are; a plain map of labels can always be.
  if (name !== 'ReplicationController' && validateLabelSelector(selector, 'spec.selector').length > 0)
    return [fieldInvalid('spec.selector', selector, 'invalid label selector')]
  return [...validateMatch(selector, template, 'spec.template'), ...validateKept(template, name, validate)]
}

const validateKept = (template: PodTemplateSpec, name: RunnerName, validate: typeof validatePodTemplate): FieldError[] => [
  ...validate(template, 'spec.template'),
  ...(template.spec.restartPolicy === 'Always'
    ? []
    : [fieldNotSupported('spec.template.spec.restartPolicy', template.spec.restartPolicy, ['Always'])]),
  ...(template.spec.activeDeadlineSeconds === undefined
    ? []
    : [fieldForbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${name} is not Supported`)]),
]

/** Who would not find the pods that it makes would make more and more of them. */
export const validateMatch = (selector: LabelSelector | undefined, { metadata }: PodTemplateSpec, field: string): FieldError[] =>
  selector !== undefined && matcherOf(selectorOf(selector))(metadata?.labels)
    ? []
    : [fieldInvalid(`${field}.metadata.labels`, metadata?.labels ?? null, '`selector` does not match template `labels`')]

/** The template of what lets its pods end. */
export function validateEndingPolicy({ spec: { restartPolicy } }: PodTemplateSpec, field: string): FieldError[] {
  const name = `${field}.spec.restartPolicy`
  if (restartPolicy === 'Always') return [fieldRequired(name, 'valid values: "OnFailure", "Never"')]
  const isKnown = restartPolicy === 'OnFailure' || restartPolicy === 'Never'
  return isKnown ? [] : [fieldNotSupported(name, restartPolicy, ['OnFailure', 'Never'])]
}
