import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createGrpc, type Grpc } from './grpc.ts'
import { grpcServer, type ServerCall } from './testing/grpc-server.ts'

const path = '/test.Service/Method'
const message = Buffer.from('question')

describe('a gRPC connection', () => {
  let server: Awaited<ReturnType<typeof grpcServer>> | undefined
  let grpc: Grpc
  afterEach(async () => {
    grpc.close()
    await server?.close()
    server = undefined
  })
  const serve = async (handle: (call: ServerCall) => void) => {
    const started = await grpcServer((_path, call) => handle(call))
    server = started
    grpc = createGrpc(() => connect(started.socketPath))
    return started
  }

  it('carries a question and its answer', async () => {
    await serve((call) => {
      call.send(Buffer.from(`${call.message} answered`))
      call.end(0)
    })
    expect(`${await grpc.unary({ path, message })}`).toBe('question answered')
  })

  it('tells a failure by its code and its words', async () => {
    await serve((call) => call.end(5, 'no pod "ü" here'))
    await expect(grpc.unary({ path, message })).rejects.toMatchObject({
      name: 'CriError',
      code: 'NOT_FOUND',
      message: 'no pod "ü" here',
      method: path,
    })
  })

  it('gives up at its deadline', async () => {
    await serve(() => {})
    await expect(grpc.unary({ path, message, timeoutMs: 50 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  })

  it('ends with the reason of the one who aborts', async () => {
    const controller = new AbortController()
    await serve(() => controller.abort(new Error('enough')))
    await expect(grpc.unary({ path, message, signal: controller.signal })).rejects.toThrow('enough')
    await expect(grpc.unary({ path, message, signal: controller.signal })).rejects.toThrow('enough')
  })

  it('says that nobody is there', async () => {
    grpc = createGrpc(() => connect('/nonexistent/x.sock'))
    await expect(grpc.unary({ path, message })).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('ENOENT') })
  })

  it('opens a new connection after the server went away', async () => {
    let isFirst = true
    const { dropAll } = await serve((call) => {
      if (isFirst) return dropAll()
      call.send(Buffer.from('back'))
      call.end(0)
    })
    await expect(grpc.unary({ path, message })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    isFirst = false
    expect(`${await grpc.unary({ path, message })}`).toBe('back')
  })

  it('streams messages, small and large, until the server ends or fails', async () => {
    const large = Buffer.alloc(200_000, 'x')
    let status = 0
    await serve((call) => {
      call.send(Buffer.from('one'))
      call.send(large)
      call.send(Buffer.alloc(0))
      call.end(status, 'broken')
    })
    const read = async () => {
      const sizes: number[] = []
      for await (const part of grpc.stream({ path, message })) sizes.push(part.length)
      return sizes
    }
    expect(await read()).toEqual([3, 200_000, 0])
    status = 14
    await expect(read()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'broken' })
  })
})
