/** Why a mutation could not be made, in the words of Kubernetes. Whether that refuses the request is up to the failure policy. */
export class NotChanged extends Error {}
