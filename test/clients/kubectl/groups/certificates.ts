import { kinds } from '@bramble/shared/kinds.ts'
import { exampleOf } from '@bramble/hub/apiserver/testing/examples.ts'
import type { Group } from '../step.ts'

const request = (name: string) => {
  const kind = kinds.find((each) => each.kind === 'CertificateSigningRequest')
  if (kind === undefined) throw new Error('requests for certificates are a kind')
  return JSON.stringify(exampleOf(kind, name))
}
const csr = 'certificatesigningrequest.certificates.k8s.io'

/** Requests for certificates: approve, deny. */
export const certificates: Group = {
  name: 'certificates',
  steps: [
    { run: 'create -f -', input: request('jo'), out: `${csr}/jo created\n` },
    { run: 'create -f -', input: request('al'), out: `${csr}/al created\n` },
    { run: 'get csr jo --no-headers', out: /^jo +\d+s +example\.com\/signer +bramble:admin +<none> +Pending\n$/ },
    { run: 'certificate approve jo', out: `${csr}/jo approved\n` },
    { run: 'certificate deny al', out: `${csr}/al denied\n` },
    {
      run: 'certificate deny jo',
      code: 1,
      err: /^error: certificate signing request "jo" is already Approved\n$|certificatesigningrequests?\S* "jo" is invalid/,
    },
    { run: 'get csr --no-headers', out: /^al +.* Denied\njo +.* Approved\n$/ },
    {
      run: 'certificate approve none',
      code: 1,
      err: 'Error from server (NotFound): certificatesigningrequests.certificates.k8s.io "none" not found\n',
    },
    { run: 'describe csr jo', out: /^Status: +Approved\n/m },
    {
      run: 'delete csr jo al',
      out: /^certificatesigningrequest\.certificates\.k8s\.io "jo" deleted\ncertificatesigningrequest\.certificates\.k8s\.io "al" deleted\n$/,
    },
  ],
}
