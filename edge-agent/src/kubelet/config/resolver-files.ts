import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import { openRegular, writeInPlace } from '../../host/held-folder.ts'
import type { MountEntry } from './container-config.ts'
import { readNodeResolver } from './node-resolver.ts'
import type { PodPaths } from '../paths.ts'
import { dnsConfigOf, type Resolver } from './sandbox-config.ts'

export type ResolverFilesDeps = {
  readonly paths: PodPaths
  readonly clusterResolver: () => Resolver | undefined
  readonly read?: typeof readNodeResolver
}

/** The resolv.conf of each pod, a file of ours: the runtime would make one when the pod begins, and never look at it again. */
export type ResolverFiles = {
  /** Writes the pod's file and answers its path; undefined for a pod that knows nobody to ask, which the runtime gives the node's file. */
  write(pod: Pod): Promise<string | undefined>
  /** Brings the files of these pods up to date with the node's name servers. A file is written in place, because containers hold it. */
  refresh(pods: readonly Pod[]): Promise<void>
}

export function createResolverFiles({ paths, clusterResolver, read = readNodeResolver }: ResolverFilesDeps): ResolverFiles {
  /** What each pod's file was last given, by uid: what a container wrote into it since is its own affair. */
  const given = new Map<string, string>()

  const textOf = (pod: Pod, nodeResolver: Resolver): string | undefined => {
    const text = resolvConf(dnsConfigOf({ pod, nodeResolver, clusterResolver: clusterResolver() }))
    return text.includes('nameserver') || pod.spec.dnsPolicy === 'None' ? text : undefined
  }
  return {
    async write(pod) {
      const { uid = '' } = pod.metadata
      const text = textOf(pod, await read({ isHostNetwork: pod.spec.hostNetwork === true }))
      if (text === undefined) return undefined
      const file = paths.resolvConf(uid)
      await mkdir(dirname(file), { recursive: true })
      await writeInPlace(file, text, 0o644)
      given.set(uid, text)
      return file
    },
    async refresh(pods) {
      const [own, host] = [await read({ isHostNetwork: false }), await read({ isHostNetwork: true })]
      const uids = new Set(pods.map(({ metadata }) => metadata.uid))
      for (const uid of given.keys()) if (!uids.has(uid)) given.delete(uid)
      for (const pod of pods) {
        const { uid = '' } = pod.metadata
        // A link that is down for a moment takes nobody's servers away.
        const text = textOf(pod, pod.spec.hostNetwork === true ? host : own)
        if (text === undefined || given.get(uid) === text) continue
        const file = paths.resolvConf(uid)
        const isSame = await holds(file, text)
        if (isSame === undefined) continue // it has no container of ours yet
        if (!isSame) await writeInPlace(file, text, 0o644)
        given.set(uid, text)
      }
    },
  }
}

/** Whether the file holds this text; undefined when it is not there. A container may have made it as long as it likes. */
async function holds(path: string, text: string): Promise<boolean | undefined> {
  const file = await openRegular(path)
  if (!file) return undefined
  try {
    const wanted = Buffer.from(text)
    if ((await file.stat()).size !== wanted.length) return false
    const { buffer } = await file.read(Buffer.alloc(wanted.length), 0, wanted.length, 0)
    return buffer.equals(wanted)
  } finally {
    await file.close()
  }
}

/** The bind of the pod's file; writable where the container's own root is, as the runtime's would be. */
export async function resolverMount(
  pod: Pod,
  container: Container,
  { resolverFiles }: { readonly resolverFiles: ResolverFiles },
): Promise<readonly MountEntry[]> {
  const hostPath = await resolverFiles.write(pod)
  if (hostPath === undefined) return []
  return [{ containerPath: '/etc/resolv.conf', hostPath, readonly: container.securityContext?.readOnlyRootFilesystem ?? false }]
}

/** resolv.conf(5), as a runtime writes it. Pure. */
export function resolvConf({ servers, searches, options }: ReturnType<typeof dnsConfigOf>): string {
  const lines = [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}
