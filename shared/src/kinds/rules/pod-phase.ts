/** Whether a pod has come to its end: nothing of it runs any more, and nothing of it ever will. */
export const hasEnded = ({ status }: { readonly status?: { readonly phase?: string | undefined } | undefined }): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed'
