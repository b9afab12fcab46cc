import { parentPort } from 'node:worker_threads'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { SignerReply, SignerRequest } from './signer.ts'
import { signing } from './signing.ts'

/** One request, one answer, in whatever order they are done. */
async function answer(request: SignerRequest): Promise<SignerReply> {
  const { id } = request
  try {
    return { id, type: 'signed', pem: await signed(request) }
  } catch (error) {
    return { id, type: 'refused', reason: error instanceof ApiError ? error.reason : 'InternalError', message: messageOf(error) }
  }
}

function signed(request: SignerRequest): Promise<string> {
  if (request.type === 'root') return signing.signRoot(request.order)
  return request.type === 'leaf' ? signing.signLeaf(request.order) : signing.signRequest(request.order)
}

const port = parentPort // null when this is not a worker: then there is nobody to answer
port?.on('message', async (request: SignerRequest) => port.postMessage(await answer(request)))
