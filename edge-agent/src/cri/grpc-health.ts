import { connect } from 'node:net'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import { createGrpc } from './grpc.ts'
import { enums, messages, type Read } from './messages.ts'

export type GrpcHealthInput = {
  readonly host: string
  readonly port: number
  readonly service: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

// The answer is one small number. It comes from a container.
const maxMessageBytes = 16 * 1024

/** Asks a server for its health by the gRPC health checking protocol: `SERVING`, `NOT_SERVING` … Throws a `CriError` when there is no answer. */
export async function grpcHealth({ host, port, service, timeoutMs, signal }: GrpcHealthInput): Promise<string> {
  const codec = createCodec({ messages, enums })
  const grpc = createGrpc(() => connect({ host, port }), { maxMessageBytes })
  try {
    const message = codec.encode('HealthCheckRequest', { service })
    const answer = await grpc.unary({ path: '/grpc.health.v1.Health/Check', message, timeoutMs, signal })
    return (codec.decode('HealthCheckResponse', answer) as Read<'HealthCheckResponse'>).status
  } finally {
    grpc.close()
  }
}
