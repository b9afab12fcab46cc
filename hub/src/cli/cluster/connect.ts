import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { createHttpsClient } from '../../client/https.ts'
import { UsageError } from '../command.ts'

const base64 = z.string().transform((text) => Buffer.from(text, 'base64'))
const schema = z.object({
  clusters: z.array(z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': base64 }) })).min(1),
  users: z.array(z.object({ user: z.object({ 'client-certificate-data': base64, 'client-key-data': base64 }) })).min(1),
})

/** A client with the rights of a kubeconfig that Bramble wrote. */
export function connect(kubeconfig: string) {
  if (!existsSync(kubeconfig)) throw new UsageError(`${kubeconfig} does not exist: is a hub set up there? \`bramble up\` makes one`)
  const { clusters, users } = schema.parse(parse(readFileSync(kubeconfig, 'utf8')))
  const [{ cluster }, { user }] = [clusters[0] as (typeof clusters)[number], users[0] as (typeof users)[number]] // min(1)
  return createHttpsClient({
    server: cluster.server,
    ca: cluster['certificate-authority-data'],
    cert: user['client-certificate-data'],
    key: user['client-key-data'],
  })
}

/** Does one piece of work as that user and closes the connection after it. */
export async function connected<T>(kubeconfig: string, work: (client: ReturnType<typeof connect>) => Promise<T>): Promise<T> {
  const client = connect(kubeconfig)
  try {
    return await work(client)
  } finally {
    client.close()
  }
}
