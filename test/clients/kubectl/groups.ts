import { apply } from './groups/apply.ts'
import { auth } from './groups/auth.ts'
import { certificates } from './groups/certificates.ts'
import { create } from './groups/create.ts'
import { remove } from './groups/delete.ts'
import { discovery } from './groups/discovery.ts'
import { documentation } from './groups/documentation.ts'
import { events } from './groups/events.ts'
import { expose } from './groups/expose.ts'
import { get } from './groups/get.ts'
import { label } from './groups/label.ts'
import { nodes } from './groups/nodes.ts'
import { patch } from './groups/patch.ts'
import { quotas } from './groups/quotas.ts'
import { rollout } from './groups/rollout.ts'
import { scale } from './groups/scale.ts'
import { set } from './groups/set.ts'
import { wait } from './groups/wait.ts'
import type { Group } from './step.ts'

export const groups: readonly Group[] = [
  ...[discovery, documentation, get, create, apply, patch, label, set],
  ...[scale, rollout, expose, wait, nodes, remove, events, auth, certificates, quotas],
]
