import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createGrpc, type Grpc, grpcTimeout } from './grpc.ts'
import { grpcServer, type ServerCall } from './testing/grpc-server.ts'

const path = '/test.Service/Method'
const message = Buffer.from('question')

describe('a deadline in a gRPC header', () => {
  it.each([
    [1, '1m'],
    [30_000, '30000m'],
    [99_999_999, '99999999m'],
    [100_000_000, '100000S'],
    [100_000_001, '100001S'],
    [31_536_000_000, '31536000S'],
    [2 ** 31 * 1000, '35791395M'],
    [Number.MAX_SAFE_INTEGER, '99999999H'],
  ])('of %i ms is %s: never more than eight digits', (ms, text) => {
    expect(grpcTimeout(ms)).toBe(text)
  })
})

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

  it('waits as long as it was told, also beyond what a timer can count', async () => {
    let asked: unknown
    await serve((call) => {
      asked = call.headers['grpc-timeout']
      setTimeout(() => {
        call.send(Buffer.from('late'))
        call.end(0)
      }, 20)
    })
    expect(`${await grpc.unary({ path, message, timeoutMs: 100_000 * 86_400_000 })}`).toBe('late')
    expect(asked).toMatch(/^\d{1,8}[HMSmun]$/)
  })

  it('to a server that takes no connection is given up in time, and when the asker leaves', async () => {
    // As the kernel answers for a server whose queue is full: not at all.
    const socket = connect({ host: 'server.invalid', port: 1, lookup: () => {} })
    grpc = createGrpc(() => socket)
    await expect(grpc.unary({ path, message, timeoutMs: 20 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    const abort = new AbortController()
    const asked = grpc.unary({ path, message, signal: abort.signal })
    abort.abort(new Error('the container is gone'))
    await expect(asked).rejects.toThrow('the container is gone')
    grpc.close()
    expect(socket.destroyed).toBe(true)
  })

  it('outlives a failure that is told in more words than a connection takes, and so do the other calls on it', async () => {
    let answerOther = () => {}
    await serve((call) => {
      if (`${call.message}` === 'other') {
        answerOther = () => {
          call.send(Buffer.from('here'))
          call.end(0)
        }
      } else {
        call.end(2, 'x'.repeat(200_000))
      }
    })
    const other = grpc.unary({ path, message: Buffer.from('other') })
    await expect(grpc.unary({ path, message })).rejects.toThrow('takes more than 60 KiB')
    answerOther()
    expect(`${await other}`).toBe('here')
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

  it('takes no more of an answer than it may, and says so', async () => {
    await serve((call) => {
      call.send(Buffer.alloc(100_000, 'x'))
      call.end(0)
    })
    grpc = createGrpc(() => connect(server?.socketPath ?? ''), { maxMessageBytes: 64 * 1024 })
    await expect(grpc.unary({ path, message })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
  })

  it('cuts the texts of an answer as it comes, where it is asked to', async () => {
    await serve((call) => {
      call.send(Buffer.concat([Buffer.from([0x0a, 0x90, 0x4e]), Buffer.alloc(10_000, 'x'), Buffer.from([0x18, 3])]))
      call.end(0)
    })
    expect(`${await grpc.unary({ path, message, maxFieldBytes: 4 })}`).toBe('\n\u0004xxxx\u0018\u0003')
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
