import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { commitOf } from './commit.mjs'

it('tells the commit of a repository, and nothing of a folder that is none or has no commit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'commit-'))
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args])
  try {
    expect(commitOf(folder)).toBe('')
    git('init', '-q')
    expect(commitOf(folder)).toBe('')
    git('commit', '-q', '--allow-empty', '-m', 'one')
    expect(commitOf(folder)).toMatch(/^[0-9a-f]{40}$/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
