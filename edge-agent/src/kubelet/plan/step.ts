/** One thing to do for a pod. `plan` says which, `execute` does them in order; stops that stand together are done side by side. */
export type Step =
  | { readonly kind: 'mountVolumes' }
  /** Makes the pod's sandbox, after making sure that those it replaces are down. */
  | { readonly kind: 'makeSandbox'; readonly attempt: number; readonly replaces: readonly string[] }
  | {
      readonly kind: 'startContainer'
      readonly name: string
      readonly sandboxId: string
      readonly restartCount: number
      /** Monotonic: when the one before it ended. */
      readonly endedAt?: number
      /** Its image, where that was fetched beforehand. */
      readonly imageId?: string
    }
  /** Begins to fetch the image of a container with which somebody looks into the pod; the next steps do not wait for it. */
  | { readonly kind: 'fetchImage'; readonly name: string }
  | {
      readonly kind: 'stopContainer'
      readonly id: string
      readonly name: string
      readonly graceSeconds: number
      /** The grace is the pod's: it has run since the first of its containers was asked to stop. */
      readonly isShared?: true
      /** Ids of containers of the same group of steps that must be down first, as long as there is grace. */
      readonly after?: readonly string[]
      /** For the Killing event; none when the pod is gone from the API. */
      readonly why?: string
    }
  | { readonly kind: 'removeContainer'; readonly id: string; readonly name: string; readonly restartCount: number }
  | { readonly kind: 'stopSandbox'; readonly id: string }
  | { readonly kind: 'removeSandbox'; readonly id: string }
  /** Unmounts what a pod that has ended needs no more; logs and termination messages stay. */
  | { readonly kind: 'unmountVolumes' }
  /** Removes everything that is left of the pod on this node. */
  | { readonly kind: 'cleanPod' }
  /** Tells the API that nothing of the pod is left here. */
  | { readonly kind: 'confirmDeleted' }

export type StepKind = Step['kind']
export type StepOf<K extends StepKind> = Extract<Step, { readonly kind: K }>

/** What to do now, and when to look again though nothing happened (monotonic). */
export type Plan = { readonly steps: readonly Step[]; readonly wakeAt?: number }
