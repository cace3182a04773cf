function e(e){return t(e.content??[]).replace(/\n{3,}/g,`

`).trim()}function t(e){return e.map(n).join(`

`)}function n(e){switch(e.type){case`bulletList`:return(e.content??[]).map(e=>r(`- `,e)).join(`
`);case`orderedList`:{let t=typeof e.attrs?.start==`number`?e.attrs.start:1;return(e.content??[]).map((e,n)=>r(`${t+n}. `,e)).join(`
`)}case`blockquote`:return t(e.content??[]).split(`
`).map(e=>`> ${e}`.trimEnd()).join(`
`);case`codeBlock`:return i(e.content??[]);default:return i(e.content??[])}}function r(e,t){return(t.content??[]).map(n).join(`
`).split(`
`).map((t,n)=>(n===0?e:` `.repeat(e.length))+t).join(`
`)}function i(e){return e.map(e=>{if(e.type===`hardBreak`)return`
`;if(e.type===`mention`)return`@${String(e.attrs?.label??e.attrs?.id??``)}`;if(e.type===`image`)return`[${String(e.attrs?.alt||`image`)}]`;let t=e.text??i(e.content??[]),n=e.marks?.find(e=>e.type===`link`)?.attrs?.href;return typeof n!=`string`||n.replace(/^(mailto:|https?:\/\/)/,``).replace(/\/$/,``)===t.replace(/^https?:\/\//,``).replace(/\/$/,``)?t:`${t} (${n.replace(/^mailto:/,``)})`}).join(``)}function a(e){return(e.content??[]).every(e=>e.type===`paragraph`&&(e.content??[]).every(e=>e.type===`hardBreak`||e.type===`text`&&!e.marks?.length))}function o(e){let t=new Set,n=e=>{e.type===`mention`&&typeof e.attrs?.id==`string`&&t.add(e.attrs.id),e.content?.forEach(n)};return n(e),[...t]}var s=e=>e.replace(/[&<>"]/g,e=>({"&":`&amp;`,"<":`&lt;`,">":`&gt;`,'"':`&quot;`})[e]);function c(e){return e.split(/\n{2,}/).map(e=>`<p>${s(e).replace(/\n/g,`<br>`)}</p>`).join(``)}var l=/\{\{\s*([a-z_.]+)\s*\}\}/gi;function u(e,t,n=e=>e){return e.replace(l,(e,r)=>t[r.toLowerCase()]?n(t[r.toLowerCase()]):e)}var d=e=>[...new Set([...e.matchAll(l)].map(e=>e[0]))];export{o as a,a as i,u as n,e as o,c as r,d as s,s as t};