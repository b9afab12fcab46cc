import { type CertificateSigningRequest, certificateSigningRequests } from '@bramble/shared/kinds/certificate-signing-request.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { nodeNameOf } from '../../authz/node-user.ts'
import { readSigningRequest, requestBytesOf, type SigningRequest } from '@bramble/shared/certificates/signing-request.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

const signersOfNodes = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']

/** A node asks for certificates of nodes in its own name alone (NodeRestriction). */
export const nodeRequests = defineAdmission('node-requests', () => ({
  kinds: [certificateSigningRequests],
  guard(admission) {
    const node = nodeNameOf(admission.origin.user)
    if (node === undefined || admission.operation !== 'CREATE') return
    const { spec } = admission.object as CertificateSigningRequest // CREATE has it, and it is of that kind
    if (!signersOfNodes.includes(spec.signerName)) return
    const own = `system:node:${node}`
    const { commonNames } = read(spec.request, admission)
    if (commonNames.length !== 1 || commonNames[0] !== own) throw refused(admission, `can only create a node CSR with CN=${own}`)
  },
}))

function read(request: string, admission: Admission): SigningRequest {
  try {
    return readSigningRequest(requestBytesOf(Buffer.from(request, 'base64').toString()))
  } catch (error) {
    throw refused(admission, `unable to parse csr: ${messageOf(error)}`)
  }
}
