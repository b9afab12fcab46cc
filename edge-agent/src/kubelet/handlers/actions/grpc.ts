import type { GRPCAction } from '@bramble/shared/types/probe.ts'
import { grpcHealth } from '../../../cri/grpc-health.ts'
import { handler, type HandlerTarget, type Verdict } from '../handler.ts'

export const grpc = handler('grpc', ask)

async function ask({ port, service }: GRPCAction, { podIP, timeoutMs, signal }: HandlerTarget): Promise<Verdict> {
  try {
    const status = await grpcHealth({ host: podIP, port, service, timeoutMs, signal })
    return status === 'SERVING'
      ? { outcome: 'success', message: '' }
      : { outcome: 'failure', message: `service unhealthy (responded with "${status}")` }
  } catch (error) {
    signal.throwIfAborted()
    return { outcome: 'failure', message: `gRPC ${podIP}:${port}: ${error instanceof Error ? error.message : String(error)}` }
  }
}
