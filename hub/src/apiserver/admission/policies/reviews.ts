import type { Question } from '../matching/question.ts'

/** Of reviews Kubernetes asks webhooks alone: a policy that refuses or breaks them would keep everybody from asking what he may do. */
export const isReview = ({ kind: { group, resource } }: Question): boolean =>
  (group === 'authentication.k8s.io' || group === 'authorization.k8s.io') && resource.endsWith('reviews')
