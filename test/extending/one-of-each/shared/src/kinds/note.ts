import * as z from 'zod'
import { ageColumn, nameColumn } from '@bramble/shared/kinds/rules/columns.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { defineKind } from '@bramble/shared/schema/kind.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'

export const note = message('example.com/v1.Note', {
  apiVersion: z.literal('example.com/v1'),
  kind: z.literal('Note'),
  metadata: f(1, objectMeta),
  text: opt(2, text, { description: 'What is noted.' }),
})
export type Note = z.infer<typeof note>

export const notes = defineKind<Note>({
  group: 'example.com',
  version: 'v1',
  kind: 'Note',
  resource: 'notes',
  singular: 'note',
  namespaced: true,
  schema: note,
  description: 'Something to remember.',
  columns: [nameColumn, { name: 'Text', type: 'string', description: 'What is noted.', cell: ({ text }) => text ?? '' }, ageColumn],
})
