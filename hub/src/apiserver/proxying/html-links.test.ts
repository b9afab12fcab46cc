import { expect, it } from 'vitest'
import { changeLinks } from './html-links.ts'
import { linkThrough } from './links.ts'

const at = '/api/v1/namespaces/a/services/web/proxy'
const through = async (page: string | Uint8Array) => await changeLinks(Buffer.from(page), (link) => linkThrough({ at }, 'hub:6443', link))

it.each([
  ['<a href="/rewriteme">test</a>', `<a href="${at}/rewriteme">test</a>`],
  ["<IMG SRC='/a.png' alt=/b longdesc = /c>", `<IMG SRC='${at}/a.png' alt=/b longdesc = ${at}/c>`],
  [
    '<link rel=stylesheet href=/x.css><script src="/x.js">let a = "<a href=\'/no\'>"</script>',
    `<link rel=stylesheet href=${at}/x.css><script src="${at}/x.js">let a = "<a href='/no'>"</script>`,
  ],
  ['<form action="/go?a=1&amp;b=/2">', `<form action="${at}/go?a=1&amp;b=/2">`],
  ['<!-- <a href="/no"> --><style>a{b:"<a href=/no>"}</style>', '<!-- <a href="/no"> --><style>a{b:"<a href=/no>"}</style>'],
  [
    '<a href="below"><a href="#x"><a href=""><a href><a href="mailto:a@b"><a href="//other/x">',
    '<a href="below"><a href="#x"><a href=""><a href><a href="mailto:a@b"><a href="//other/x">',
  ],
  ['<a href="https://hub:6443/x"><a href="https://other:6443/x">', `<a href="https://hub:6443${at}/x"><a href="https://other:6443/x">`],
  [`<a href="${at}/x">`, `<a href="${at}/x">`],
  ['<p constructor="/x"><constructor href="/x">', '<p constructor="/x"><constructor href="/x">'],
  ['line\r\n<pre>\n\n<a\n href="/x">', `line\r\n<pre>\n\n<a\n href="${at}/x">`],
  ['<a href="/unfinished', '<a href="/unfinished'],
  ['', ''],
])('%s', async (page, expected) => {
  expect((await through(page)).toString()).toBe(expected)
})

it('bytes of any encoding stay what they are', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  const page = Buffer.concat([Buffer.from('<p>'), bytes, Buffer.from('</p><a title="\u00fcber" href="/\u00e4">')])
  const expected = Buffer.concat([Buffer.from('<p>'), bytes, Buffer.from(`</p><a title="\u00fcber" href="${at}/\u00e4">`)])
  expect((await through(page)).equals(expected)).toBe(true)
})

it('a page of the largest size that is nothing but attributes, tags or the beginning of something is looked through in turns', async () => {
  const size = 4 * 1024 * 1024
  const fill = (text: string) => text.repeat(Math.ceil(size / text.length)).slice(0, size)
  const unique = Array.from({ length: size / 8 }, (_, index) => index.toString(36).padStart(7, 'x')).join(' ')
  for (const page of [
    `<a ${unique}>`,
    fill('<a href=/>'),
    fill('<'),
    fill('<!--'),
    fill('<a href="/'),
    fill('<script>'),
    fill('&'),
    fill('</'),
  ]) {
    let turns = 0
    const counting = setInterval(() => turns++, 0)
    await changeLinks(Buffer.from(page), (link) => link)
    clearInterval(counting)
    expect(turns).toBeGreaterThan(10)
  }
})
