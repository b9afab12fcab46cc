import type { User } from '@bramble/shared/api/api-request.ts'
import { message, opt } from '@bramble/shared/types/field.ts'
import { text, textListMap } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'

/** Who somebody is, as reviews tell it. */
export const userInfo = message('authentication.k8s.io/v1.UserInfo', {
  username: opt(1, text),
  uid: opt(2, text),
  groups: opt(3, z.array(text), { list: 'atomic' }),
  extra: opt(4, textListMap),
})

export const userInfoOf = ({ name, uid, groups, extra }: User) => ({ username: name, uid, groups, extra })
