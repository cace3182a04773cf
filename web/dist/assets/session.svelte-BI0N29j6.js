import{X as e,ft as t,gt as n,mt as r}from"./index-client-DaYGFFqg.js";import{_ as i,t as a,v as o,y as s}from"./page.svelte-DCsASFxh.js";import{A as c,C as l,D as ee,E as te,M as ne,N as re,O as ie,S as ae,T as oe,a as u,b as se,d as ce,f as d,g as le,h as ue,i as de,j as fe,k as pe,m as me,n as he,o as f,p as ge,r as _e,s as p,t as ve,v as ye,w as be,x as xe,y as Se}from"./rest-Bufo96Un.js";function Ce(e){let t=new AbortController,{signal:n}=t;return addEventListener(`online`,()=>(e.link.doubt(),e.outbox.flush()),{signal:n}),addEventListener(`offline`,()=>e.link.doubt(),{signal:n}),addEventListener(`pageshow`,t=>t.persisted&&e.link.reopen(),{signal:n}),addEventListener(`storage`,()=>e.outbox.reread(),{signal:n}),document.addEventListener(`visibilitychange`,()=>document.hidden||e.link.doubt(),{signal:n}),()=>t.abort()}function we(e,t){return typeof e==`object`&&e&&`$typeName`in e&&typeof e.$typeName==`string`?t===void 0||t.typeName===e.$typeName:!1}var m;(function(e){e[e.DOUBLE=1]=`DOUBLE`,e[e.FLOAT=2]=`FLOAT`,e[e.INT64=3]=`INT64`,e[e.UINT64=4]=`UINT64`,e[e.INT32=5]=`INT32`,e[e.FIXED64=6]=`FIXED64`,e[e.FIXED32=7]=`FIXED32`,e[e.BOOL=8]=`BOOL`,e[e.STRING=9]=`STRING`,e[e.BYTES=12]=`BYTES`,e[e.UINT32=13]=`UINT32`,e[e.SFIXED32=15]=`SFIXED32`,e[e.SFIXED64=16]=`SFIXED64`,e[e.SINT32=17]=`SINT32`,e[e.SINT64=18]=`SINT64`})(m||={});function Te(){let e=0,t=0;for(let n=0;n<28;n+=7){let r=this.buf[this.pos++];if(e|=(r&127)<<n,!(r&128))return this.assertBounds(),[e,t]}let n=this.buf[this.pos++];if(e|=(n&15)<<28,t=(n&112)>>4,!(n&128))return this.assertBounds(),[e,t];for(let n=3;n<=31;n+=7){let r=this.buf[this.pos++];if(t|=(r&127)<<n,!(r&128))return this.assertBounds(),[e,t]}throw Error(`invalid varint`)}function Ee(e,t,n){for(let r=0;r<28;r+=7){let i=e>>>r,a=!(!(i>>>7)&&t==0),o=(a?i|128:i)&255;if(n.push(o),!a)return}let r=e>>>28&15|(t&7)<<4,i=!!(t>>3);if(n.push((i?r|128:r)&255),i){for(let e=3;e<31;e+=7){let r=t>>>e,i=!!(r>>>7),a=(i?r|128:r)&255;if(n.push(a),!i)return}n.push(t>>>31&1)}}var De=4294967296;function Oe(e){let t=e[0]===`-`;t&&(e=e.slice(1));let n=1e6,r=0,i=0;function a(t,a){let o=Number(e.slice(t,a));i*=n,r=r*n+o,r>=De&&(i+=r/De|0,r%=De)}return a(-24,-18),a(-18,-12),a(-12,-6),a(-6),t?Ne(r,i):Me(r,i)}function ke(e,t){let n=Me(e,t),r=n.hi&2147483648;r&&(n=Ne(n.lo,n.hi));let i=Ae(n.lo,n.hi);return r?`-`+i:i}function Ae(e,t){if({lo:e,hi:t}=je(e,t),t<=2097151)return String(De*t+e);let n=e&16777215,r=(e>>>24|t<<8)&16777215,i=t>>16&65535,a=n+r*6777216+i*6710656,o=r+i*8147497,s=i*2,c=1e7;return a>=c&&(o+=Math.floor(a/c),a%=c),o>=c&&(s+=Math.floor(o/c),o%=c),s.toString()+Pe(o)+Pe(a)}function je(e,t){return{lo:e>>>0,hi:t>>>0}}function Me(e,t){return{lo:e|0,hi:t|0}}function Ne(e,t){return t=~t,e?e=~e+1:t+=1,Me(e,t)}var Pe=e=>{let t=String(e);return`0000000`.slice(t.length)+t};function Fe(e,t){if(e>=0){for(;e>127;)t.push(e&127|128),e>>>=7;t.push(e)}else{for(let n=0;n<9;n++)t.push(e&127|128),e>>=7;t.push(1)}}function Ie(){let e=this.buf[this.pos++],t=e&127;if(!(e&128)||(e=this.buf[this.pos++],t|=(e&127)<<7,!(e&128))||(e=this.buf[this.pos++],t|=(e&127)<<14,!(e&128))||(e=this.buf[this.pos++],t|=(e&127)<<21,!(e&128)))return this.assertBounds(),t;e=this.buf[this.pos++],t|=(e&15)<<28;for(let t=5;e&128&&t<10;t++)e=this.buf[this.pos++];if(e&128)throw Error(`invalid varint`);return this.assertBounds(),t>>>0}var h=Le();function Le(){let e=new DataView(new ArrayBuffer(8));if(typeof BigInt==`function`&&typeof e.getBigInt64==`function`&&typeof e.getBigUint64==`function`&&typeof e.setBigInt64==`function`&&typeof e.setBigUint64==`function`&&(globalThis.Deno||globalThis.Bun||typeof process!=`object`||{}.BUF_BIGINT_DISABLE!==`1`)){let t=BigInt(`-9223372036854775808`),n=BigInt(`9223372036854775807`),r=BigInt(`0`),i=BigInt(`18446744073709551615`);return{zero:BigInt(0),supported:!0,parse(e){let r=typeof e==`bigint`?e:BigInt(e);if(r>n||r<t)throw Error(`invalid int64: ${e}`);return r},uParse(e){let t=typeof e==`bigint`?e:BigInt(e);if(t>i||t<r)throw Error(`invalid uint64: ${e}`);return t},enc(t){return e.setBigInt64(0,this.parse(t),!0),{lo:e.getInt32(0,!0),hi:e.getInt32(4,!0)}},uEnc(t){return e.setBigInt64(0,this.uParse(t),!0),{lo:e.getInt32(0,!0),hi:e.getInt32(4,!0)}},dec(t,n){return e.setInt32(0,t,!0),e.setInt32(4,n,!0),e.getBigInt64(0,!0)},uDec(t,n){return e.setInt32(0,t,!0),e.setInt32(4,n,!0),e.getBigUint64(0,!0)}}}return{zero:`0`,supported:!1,parse(e){return typeof e!=`string`&&(e=e.toString()),Re(e),e},uParse(e){return typeof e!=`string`&&(e=e.toString()),ze(e),e},enc(e){return typeof e!=`string`&&(e=e.toString()),Re(e),Oe(e)},uEnc(e){return typeof e!=`string`&&(e=e.toString()),ze(e),Oe(e)},dec(e,t){return ke(e,t)},uDec(e,t){return Ae(e,t)}}}function Re(e){if(!/^-?[0-9]+$/.test(e))throw Error(`invalid int64: `+e)}function ze(e){if(!/^[0-9]+$/.test(e))throw Error(`invalid uint64: `+e)}function g(e,t){switch(e){case m.STRING:return``;case m.BOOL:return!1;case m.DOUBLE:case m.FLOAT:return 0;case m.INT64:case m.UINT64:case m.SFIXED64:case m.FIXED64:case m.SINT64:return t?`0`:h.zero;case m.BYTES:return new Uint8Array;default:return 0}}function Be(e,t){switch(e){case m.BOOL:return t===!1;case m.STRING:return t===``;case m.BYTES:return t instanceof Uint8Array&&!t.byteLength;case m.DOUBLE:case m.FLOAT:return Object.is(t,0);default:return t==0}}var Ve=2,_=Symbol.for(`reflect unsafe local`);function He(e,t){let n=e[t.localName].case;return n===void 0?n:t.fields.find(e=>e.localName===n)}function Ue(e,t){let n=t.localName;if(t.oneof)return e[t.oneof.localName].case===n;if(t.presence!=Ve)return e[n]!==void 0&&Object.prototype.hasOwnProperty.call(e,n);switch(t.fieldKind){case`list`:return e[n].length>0;case`map`:return Object.keys(e[n]).length>0;case`scalar`:return!Be(t.scalar,e[n]);case`enum`:return e[n]!==t.enum.values[0].number}throw Error(`message field with implicit presence`)}function v(e,t){return Object.prototype.hasOwnProperty.call(e,t)&&e[t]!==void 0}function We(e,t){if(t.oneof){let n=e[t.oneof.localName];return n.case===t.localName?n.value:void 0}return e[t.localName]}function Ge(e,t,n){t.oneof?e[t.oneof.localName]={case:t.localName,value:n}:e[t.localName]=n}function Ke(e,t){let n=t.localName;if(t.oneof){let r=t.oneof.localName;e[r].case===n&&(e[r]={case:void 0})}else if(t.presence!=Ve)delete e[n];else switch(t.fieldKind){case`map`:e[n]={};break;case`list`:e[n]=[];break;case`enum`:e[n]=t.enum.values[0].number;break;case`scalar`:e[n]=g(t.scalar,t.longAsString)}}function y(e){return typeof e==`object`&&!!e&&!Array.isArray(e)}function qe(e,t){if(y(e)&&_ in e&&`add`in e&&`field`in e&&typeof e.field==`function`){if(t!==void 0){let n=t,r=e.field();return n.listKind==r.listKind&&n.scalar===r.scalar&&n.message?.typeName===r.message?.typeName&&n.enum?.typeName===r.enum?.typeName}return!0}return!1}function Je(e,t){if(y(e)&&_ in e&&`has`in e&&`field`in e&&typeof e.field==`function`){if(t!==void 0){let n=t,r=e.field();return n.mapKey===r.mapKey&&n.mapKind==r.mapKind&&n.scalar===r.scalar&&n.message?.typeName===r.message?.typeName&&n.enum?.typeName===r.enum?.typeName}return!0}return!1}function Ye(e,t){return y(e)&&_ in e&&`desc`in e&&y(e.desc)&&e.desc.kind===`message`&&(t===void 0||e.desc.typeName==t.typeName)}function Xe(e){return Qe(e.$typeName)}function b(e){let t=e.fields[0];return Qe(e.typeName)&&t!==void 0&&t.fieldKind==`scalar`&&t.name==`value`&&t.number==1}function Ze(e){switch(e.typeName){case`google.protobuf.Any`:case`google.protobuf.Timestamp`:case`google.protobuf.Duration`:case`google.protobuf.FieldMask`:case`google.protobuf.Struct`:case`google.protobuf.Value`:case`google.protobuf.ListValue`:return!0;default:return b(e)}}function Qe(e){return e.startsWith(`google.protobuf.`)&&[`DoubleValue`,`FloatValue`,`Int64Value`,`UInt64Value`,`Int32Value`,`UInt32Value`,`BoolValue`,`StringValue`,`BytesValue`].includes(e.substring(16))}var $e=999,et=998,tt=2;function x(e,t){if(we(t,e))return t;let n=dt(e);return t!==void 0&&nt(e,n,t),n}function nt(e,t,n){for(let r of e.members){let e=n[r.localName];if(e==null)continue;let i;if(r.kind==`oneof`){let t=He(n,r);if(!t)continue;i=t,e=We(n,t)}else i=r;switch(i.fieldKind){case`message`:e=ot(i,e);break;case`scalar`:e=rt(i,e);break;case`list`:e=at(i,e);break;case`map`:e=it(i,e)}Ge(t,i,e)}return t}function rt(e,t){return e.scalar==m.BYTES?st(t):t}function it(e,t){if(y(t)){if(e.scalar==m.BYTES)return ct(t,st);if(e.mapKind==`message`)return ct(t,t=>ot(e,t))}return t}function at(e,t){if(Array.isArray(t)){if(e.scalar==m.BYTES)return t.map(st);if(e.listKind==`message`)return t.map(t=>ot(e,t))}return t}function ot(e,t){if(e.fieldKind==`message`&&!e.oneof&&b(e.message))return rt(e.message.fields[0],t);if(y(t)){if(e.message.typeName==`google.protobuf.Struct`&&e.parent.typeName!==`google.protobuf.Value`)return t;if(!we(t,e.message))return x(e.message,t)}return t}function st(e){return Array.isArray(e)?new Uint8Array(e):e}function ct(e,t){let n={};for(let r of Object.entries(e))n[r[0]]=t(r[1]);return n}var lt=Symbol(),ut=new WeakMap;function dt(e){let t;if(ft(e)){let n=ut.get(e),r,i;if(n)({prototype:r,members:i}=n);else{r={},i=new Set;for(let t of e.members)t.kind!=`oneof`&&(t.fieldKind==`scalar`||t.fieldKind==`enum`)&&t.presence!=tt&&(i.add(t),r[t.localName]=pt(t));ut.set(e,{prototype:r,members:i})}t=Object.create(r),t.$typeName=e.typeName;for(let n of e.members)i.has(n)||(n.kind!=`field`||n.fieldKind!=`message`&&(n.fieldKind!=`scalar`&&n.fieldKind!=`enum`||n.presence==tt))&&(t[n.localName]=pt(n))}else{t={$typeName:e.typeName};for(let n of e.members)(n.kind==`oneof`||n.presence==tt)&&(t[n.localName]=pt(n))}return t}function ft(e){switch(e.file.edition){case $e:return!1;case et:return!0;default:return e.fields.some(e=>e.presence!=tt&&e.fieldKind!=`message`&&!e.oneof)}}function pt(e){if(e.kind==`oneof`)return{case:void 0};if(e.fieldKind==`list`)return[];if(e.fieldKind==`map`)return{};if(e.fieldKind==`message`)return lt;let t=e.getDefaultValue();return t===void 0?e.fieldKind==`scalar`?g(e.scalar,e.longAsString):e.enum.values[0].number:e.fieldKind==`scalar`&&e.longAsString?t.toString():t}var mt=[`FieldValueInvalidError`,`FieldListRangeError`,`ForeignFieldError`],S=class extends Error{constructor(e,t,n=`FieldValueInvalidError`){super(t),this.name=n,this.field=()=>e}};function ht(e){return e instanceof Error&&mt.includes(e.name)&&`field`in e&&typeof e.field==`function`}var gt=Symbol.for(`@bufbuild/protobuf/text-encoding`);function _t(){if(globalThis[gt]==null){let e=new globalThis.TextEncoder,t=new globalThis.TextDecoder,n;globalThis[gt]={encodeUtf8(t){return e.encode(t)},decodeUtf8(e,r){return r?(n===void 0&&(n=new globalThis.TextDecoder(`utf-8`,{fatal:!0})),n.decode(e)):t.decode(e)},checkUtf8(e){try{return!0}catch{return!1}}}}return globalThis[gt]}var C;(function(e){e[e.Varint=0]=`Varint`,e[e.Bit64=1]=`Bit64`,e[e.LengthDelimited=2]=`LengthDelimited`,e[e.StartGroup=3]=`StartGroup`,e[e.EndGroup=4]=`EndGroup`,e[e.Bit32=5]=`Bit32`})(C||={});var vt=class{constructor(e=_t().encodeUtf8){this.encodeUtf8=e,this.stack=[],this.chunks=[],this.buf=[]}finish(){this.buf.length&&(this.chunks.push(new Uint8Array(this.buf)),this.buf=[]);let e=0;for(let t=0;t<this.chunks.length;t++)e+=this.chunks[t].length;let t=new Uint8Array(e),n=0;for(let e=0;e<this.chunks.length;e++)t.set(this.chunks[e],n),n+=this.chunks[e].length;return this.chunks=[],t}fork(){return this.stack.push({chunks:this.chunks,buf:this.buf}),this.chunks=[],this.buf=[],this}join(){let e=this.finish(),t=this.stack.pop();if(!t)throw Error(`invalid state, fork stack empty`);return this.chunks=t.chunks,this.buf=t.buf,this.uint32(e.byteLength),this.raw(e)}tag(e,t){return this.uint32((e<<3|t)>>>0)}raw(e){return this.buf.length&&(this.chunks.push(new Uint8Array(this.buf)),this.buf=[]),this.chunks.push(e),this}uint32(e){for(xt(e);e>127;)this.buf.push(e&127|128),e>>>=7;return this.buf.push(e),this}int32(e){return bt(e),Fe(e,this.buf),this}bool(e){return this.buf.push(+!!e),this}bytes(e){return this.uint32(e.byteLength),this.raw(e)}string(e){let t=this.encodeUtf8(e);return this.uint32(t.byteLength),this.raw(t)}float(e){St(e);let t=new Uint8Array(4);return new DataView(t.buffer).setFloat32(0,e,!0),this.raw(t)}double(e){let t=new Uint8Array(8);return new DataView(t.buffer).setFloat64(0,e,!0),this.raw(t)}fixed32(e){xt(e);let t=new Uint8Array(4);return new DataView(t.buffer).setUint32(0,e,!0),this.raw(t)}sfixed32(e){bt(e);let t=new Uint8Array(4);return new DataView(t.buffer).setInt32(0,e,!0),this.raw(t)}sint32(e){return bt(e),e=(e<<1^e>>31)>>>0,Fe(e,this.buf),this}sfixed64(e){let t=new Uint8Array(8),n=new DataView(t.buffer),r=h.enc(e);return n.setInt32(0,r.lo,!0),n.setInt32(4,r.hi,!0),this.raw(t)}fixed64(e){let t=new Uint8Array(8),n=new DataView(t.buffer),r=h.uEnc(e);return n.setInt32(0,r.lo,!0),n.setInt32(4,r.hi,!0),this.raw(t)}int64(e){let t=h.enc(e);return Ee(t.lo,t.hi,this.buf),this}sint64(e){let t=h.enc(e),n=t.hi>>31;return Ee(t.lo<<1^n,(t.hi<<1|t.lo>>>31)^n,this.buf),this}uint64(e){let t=h.uEnc(e);return Ee(t.lo,t.hi,this.buf),this}},yt=class{constructor(e,t=_t().decodeUtf8){this.decodeUtf8=t,this.varint64=Te,this.uint32=Ie,this.buf=e,this.len=e.length,this.pos=0,this.view=new DataView(e.buffer,e.byteOffset,e.byteLength)}tag(){let e=this.pos,t=this.uint32(),n=this.pos-e;if(n>5||n==5&&this.buf[this.pos-1]>15)throw Error(`illegal tag: varint overflows uint32`);let r=t>>>3,i=t&7;if(r<=0||i>5)throw Error(`illegal tag: field no `+r+` wire type `+i);return[r,i]}skip(e,t,n=100){let r=this.pos;switch(e){case C.Varint:for(;this.buf[this.pos++]&128;);break;case C.Bit64:this.pos+=4;case C.Bit32:this.pos+=4;break;case C.LengthDelimited:let r=this.uint32();this.pos+=r;break;case C.StartGroup:if(n<=0)throw Error(`maximum recursion depth reached`);for(;;){let[e,r]=this.tag();if(r===C.EndGroup){if(t!==void 0&&e!==t)throw Error(`invalid end group tag`);break}this.skip(r,e,n-1)}break;default:throw Error(`cant skip wire type `+e)}return this.assertBounds(),this.buf.subarray(r,this.pos)}assertBounds(){if(this.pos>this.len)throw RangeError(`premature EOF`)}int32(){return this.uint32()|0}sint32(){let e=this.uint32();return e>>>1^-(e&1)}int64(){return h.dec(...this.varint64())}uint64(){return h.uDec(...this.varint64())}sint64(){let[e,t]=this.varint64(),n=-(e&1);return e=(e>>>1|(t&1)<<31)^n,t=t>>>1^n,h.dec(e,t)}bool(){let[e,t]=this.varint64();return e!==0||t!==0}fixed32(){return this.view.getUint32((this.pos+=4)-4,!0)}sfixed32(){return this.view.getInt32((this.pos+=4)-4,!0)}fixed64(){return h.uDec(this.sfixed32(),this.sfixed32())}sfixed64(){return h.dec(this.sfixed32(),this.sfixed32())}float(){return this.view.getFloat32((this.pos+=4)-4,!0)}double(){return this.view.getFloat64((this.pos+=8)-8,!0)}bytes(){let e=this.uint32(),t=this.pos;return this.pos+=e,this.assertBounds(),this.buf.subarray(t,t+e)}string(e){return this.decodeUtf8(this.bytes(),e)}};function bt(e){if(typeof e==`string`)e=Number(e);else if(typeof e!=`number`)throw Error(`invalid int32: `+typeof e);if(!Number.isInteger(e)||e>2147483647||e<-2147483648)throw Error(`invalid int32: `+e)}function xt(e){if(typeof e==`string`)e=Number(e);else if(typeof e!=`number`)throw Error(`invalid uint32: `+typeof e);if(!Number.isInteger(e)||e>4294967295||e<0)throw Error(`invalid uint32: `+e)}function St(e){if(typeof e==`string`){let t=e;if(e=Number(e),Number.isNaN(e)&&t!==`NaN`)throw Error(`invalid float32: `+t)}else if(typeof e!=`number`)throw Error(`invalid float32: `+typeof e);if(Number.isFinite(e)&&(e>34028234663852886e22||e<-34028234663852886e22))throw Error(`invalid float32: `+e)}function w(e,t){let n=e.fieldKind==`list`?qe(t,e):e.fieldKind==`map`?Je(t,e):Tt(e,t);if(n===!0)return;let r;switch(e.fieldKind){case`list`:r=`expected ${kt(e)}, got ${T(t)}`;break;case`map`:r=`expected ${At(e)}, got ${T(t)}`;break;default:r=Dt(e,t,n)}return new S(e,r)}function Ct(e,t,n){let r=Tt(e,n);if(r!==!0)return new S(e,`list item #${t+1}: ${Dt(e,n,r)}`)}function wt(e,t,n){let r=Et(t,e.mapKey);if(r!==!0)return new S(e,`invalid map key: ${Dt({scalar:e.mapKey},t,r)}`);let i=Tt(e,n);if(i!==!0)return new S(e,`map entry ${T(t)}: ${Dt(e,n,i)}`)}function Tt(e,t){return e.scalar===void 0?e.enum===void 0?Ye(t,e.message):e.enum.open?Et(t,m.INT32):e.enum.values.some(e=>e.number===t):Et(t,e.scalar)}function Et(e,t){switch(t){case m.DOUBLE:return typeof e==`number`;case m.FLOAT:return typeof e==`number`?Number.isNaN(e)||!Number.isFinite(e)?!0:e>34028234663852886e22||e<-34028234663852886e22?`${e.toFixed()} out of range`:!0:!1;case m.INT32:case m.SFIXED32:case m.SINT32:return typeof e!=`number`||!Number.isInteger(e)?!1:e>2147483647||e<-2147483648?`${e.toFixed()} out of range`:!0;case m.FIXED32:case m.UINT32:return typeof e!=`number`||!Number.isInteger(e)?!1:e>4294967295||e<0?`${e.toFixed()} out of range`:!0;case m.BOOL:return typeof e==`boolean`;case m.STRING:return typeof e==`string`?_t().checkUtf8(e)||`invalid UTF8`:!1;case m.BYTES:return e instanceof Uint8Array;case m.INT64:case m.SFIXED64:case m.SINT64:if(typeof e==`bigint`||typeof e==`number`||typeof e==`string`&&e.length>0)try{return h.parse(e),!0}catch{return`${e} out of range`}return!1;case m.FIXED64:case m.UINT64:if(typeof e==`bigint`||typeof e==`number`||typeof e==`string`&&e.length>0)try{return h.uParse(e),!0}catch{return`${e} out of range`}return!1}}function Dt(e,t,n){return n=typeof n==`string`?`: ${n}`:`, got ${T(t)}`,e.scalar===void 0?e.enum===void 0?`expected ${Ot(e.message)}`+n:`expected ${e.enum.toString()}`+n:`expected ${jt(e.scalar)}`+n}function T(e){switch(typeof e){case`object`:return e===null?`null`:e instanceof Uint8Array?`Uint8Array(${e.length})`:Array.isArray(e)?`Array(${e.length})`:qe(e)?kt(e.field()):Je(e)?At(e.field()):Ye(e)?Ot(e.desc):we(e)?`message ${e.$typeName}`:`object`;case`string`:return e.length>30?`string`:`"${e.split(`"`).join(`\\"`)}"`;case`boolean`:return String(e);case`number`:return String(e);case`bigint`:return String(e)+`n`;default:return typeof e}}function Ot(e){return`ReflectMessage (${e.typeName})`}function kt(e){switch(e.listKind){case`message`:return`ReflectList (${e.message.toString()})`;case`enum`:return`ReflectList (${e.enum.toString()})`;case`scalar`:return`ReflectList (${m[e.scalar]})`}}function At(e){switch(e.mapKind){case`message`:return`ReflectMap (${m[e.mapKey]}, ${e.message.toString()})`;case`enum`:return`ReflectMap (${m[e.mapKey]}, ${e.enum.toString()})`;case`scalar`:return`ReflectMap (${m[e.mapKey]}, ${m[e.scalar]})`}}function jt(e){switch(e){case m.STRING:return`string`;case m.BOOL:return`boolean`;case m.INT64:case m.SINT64:case m.SFIXED64:return`bigint (int64)`;case m.UINT64:case m.FIXED64:return`bigint (uint64)`;case m.BYTES:return`Uint8Array`;case m.DOUBLE:return`number (float64)`;case m.FLOAT:return`number (float32)`;case m.FIXED32:case m.UINT32:return`number (uint32)`;case m.INT32:case m.SFIXED32:case m.SINT32:return`number (int32)`}}var Mt=0;function E(e,t,n=!0){return new Pt(e,t,n)}var Nt=new WeakMap,Pt=class{get sortedFields(){let e=Nt.get(this.desc);if(e)return e;let t=this.desc.fields.concat().sort((e,t)=>e.number-t.number);return Nt.set(this.desc,t),t}constructor(e,t,n=!0){this.lists=new Map,this.maps=new Map,this.check=n,this.desc=e,this.message=this[_]=t??x(e),this.fields=e.fields,this.oneofs=e.oneofs,this.members=e.members}findNumber(e){return this._fieldsByNumber||=new Map(this.desc.fields.map(e=>[e.number,e])),this._fieldsByNumber.get(e)}oneofCase(e){return Ft(this.message,e),He(this.message,e)}isSet(e){return Ft(this.message,e),Ue(this.message,e)}clear(e){Ft(this.message,e),Ke(this.message,e)}get(e){Ft(this.message,e);let t=We(this.message,e);switch(e.fieldKind){case`list`:let n=this.lists.get(e);return n&&n[_]===t||this.lists.set(e,n=new It(e,t,this.check)),n;case`map`:let r=this.maps.get(e);return r&&r[_]===t||this.maps.set(e,r=new Lt(e,t,this.check)),r;case`message`:return zt(e,t,this.check);case`scalar`:return t===void 0?g(e.scalar,!1):Kt(e,t);case`enum`:return t??e.enum.values[0].number}}set(e,t){if(Ft(this.message,e),this.check){let n=w(e,t);if(n)throw n}let n;n=e.fieldKind==`message`?Rt(e,t):Je(t)||qe(t)?t[_]:qt(e,t),Ge(this.message,e,n)}getUnknown(){return this.message.$unknown}setUnknown(e){this.message.$unknown=e}};function Ft(e,t){if(t.parent.typeName!==e.$typeName)throw new S(t,`cannot use ${t.toString()} with message ${e.$typeName}`,`ForeignFieldError`)}var It=class{field(){return this._field}get size(){return this._arr.length}constructor(e,t,n){this._field=e,this._arr=this[_]=t,this.check=n}get(e){let t=this._arr[e];return t===void 0?void 0:Vt(this._field,t,this.check)}set(e,t){if(e<0||e>=this._arr.length)throw new S(this._field,`list item #${e+1}: out of range`);if(this.check){let n=Ct(this._field,e,t);if(n)throw n}this._arr[e]=Bt(this._field,t)}add(e){if(this.check){let t=Ct(this._field,this._arr.length,e);if(t)throw t}this._arr.push(Bt(this._field,e))}clear(){this._arr.splice(0,this._arr.length)}[Symbol.iterator](){return this.values()}keys(){return this._arr.keys()}*values(){for(let e of this._arr)yield Vt(this._field,e,this.check)}*entries(){for(let e=0;e<this._arr.length;e++)yield[e,Vt(this._field,this._arr[e],this.check)]}},Lt=class{constructor(e,t,n=!0){this.obj=this[_]=t??{},this.check=n,this._field=e}field(){return this._field}set(e,t){if(this.check){let n=wt(this._field,e,t);if(n)throw n}return this.obj[Wt(e)]=Ht(this._field,t),this}delete(e){let t=Wt(e),n=Object.prototype.hasOwnProperty.call(this.obj,t);return n&&delete this.obj[t],n}clear(){for(let e of Object.keys(this.obj))delete this.obj[e]}get(e){let t=this.obj[Wt(e)];return t!==void 0&&(t=Ut(this._field,t,this.check)),t}has(e){return Object.prototype.hasOwnProperty.call(this.obj,Wt(e))}*keys(){for(let e of Object.keys(this.obj))yield Gt(e,this._field.mapKey)}*entries(){for(let e of Object.entries(this.obj))yield[Gt(e[0],this._field.mapKey),Ut(this._field,e[1],this.check)]}[Symbol.iterator](){return this.entries()}get size(){return Object.keys(this.obj).length}*values(){for(let e of Object.values(this.obj))yield Ut(this._field,e,this.check)}forEach(e,t){for(let n of this.entries())e.call(t,n[1],n[0],this)}};function Rt(e,t){return Ye(t)?Xe(t.message)&&!e.oneof&&e.fieldKind==`message`?t.message.value:t.desc.typeName==`google.protobuf.Struct`&&e.parent.typeName!=`google.protobuf.Value`?Yt(t.message):t.message:t}function zt(e,t,n){return t!==void 0&&(b(e.message)&&!e.oneof&&e.fieldKind==`message`?t={$typeName:e.message.typeName,value:Kt(e.message.fields[0],t)}:e.message.typeName==`google.protobuf.Struct`&&e.parent.typeName!=`google.protobuf.Value`&&y(t)&&(t=Jt(t))),new Pt(e.message,t,n)}function Bt(e,t){return e.listKind==`message`?Rt(e,t):qt(e,t)}function Vt(e,t,n){return e.listKind==`message`?zt(e,t,n):Kt(e,t)}function Ht(e,t){return e.mapKind==`message`?Rt(e,t):qt(e,t)}function Ut(e,t,n){return e.mapKind==`message`?zt(e,t,n):t}function Wt(e){return typeof e==`string`||typeof e==`number`?e:String(e)}function Gt(e,t){switch(t){case m.STRING:return e;case m.INT32:case m.FIXED32:case m.UINT32:case m.SFIXED32:case m.SINT32:{let t=Number.parseInt(e);if(Number.isFinite(t))return t;break}case m.BOOL:switch(e){case`true`:return!0;case`false`:return!1}break;case m.UINT64:case m.FIXED64:try{return h.uParse(e)}catch{}break;default:try{return h.parse(e)}catch{}}return e}function Kt(e,t){switch(e.scalar){case m.INT64:case m.SFIXED64:case m.SINT64:`longAsString`in e&&e.longAsString&&typeof t==`string`&&(t=h.parse(t));break;case m.FIXED64:case m.UINT64:`longAsString`in e&&e.longAsString&&typeof t==`string`&&(t=h.uParse(t))}return t}function qt(e,t){switch(e.scalar){case m.INT64:case m.SFIXED64:case m.SINT64:`longAsString`in e&&e.longAsString?t=String(t):(typeof t==`string`||typeof t==`number`)&&(t=h.parse(t));break;case m.FIXED64:case m.UINT64:`longAsString`in e&&e.longAsString?t=String(t):(typeof t==`string`||typeof t==`number`)&&(t=h.uParse(t))}return t}function Jt(e){let t={$typeName:`google.protobuf.Struct`,fields:{}};if(y(e))for(let[n,r]of Object.entries(e))t.fields[n]=Zt(r);return t}function Yt(e){let t={};for(let[n,r]of Object.entries(e.fields))t[n]=Xt(r);return t}function Xt(e){switch(e.kind.case){case`structValue`:return Yt(e.kind.value);case`listValue`:return e.kind.value.values.map(Xt);case`nullValue`:case void 0:return null;default:return e.kind.value}}function Zt(e){let t={$typeName:`google.protobuf.Value`,kind:{case:void 0}};switch(typeof e){case`number`:t.kind={case:`numberValue`,value:e};break;case`string`:t.kind={case:`stringValue`,value:e};break;case`boolean`:t.kind={case:`boolValue`,value:e};break;case`object`:if(e===null)t.kind={case:`nullValue`,value:Mt};else if(Array.isArray(e)){let n={$typeName:`google.protobuf.ListValue`,values:[]};if(Array.isArray(e))for(let t of e)n.values.push(Zt(t));t.kind={case:`listValue`,value:n}}else t.kind={case:`structValue`,value:Jt(e)}}return t}function Qt(e){let t=rn(),n=e.length*3/4;e[e.length-2]==`=`?n-=2:e[e.length-1]==`=`&&--n;let r=new Uint8Array(n),i=0,a=0,o,s=0;for(let n=0;n<e.length;n++){if(o=t[e.charCodeAt(n)],o===void 0)switch(e[n]){case`=`:a=0;case`
`:case`\r`:case`	`:case` `:continue;default:throw Error(`invalid base64 string`)}switch(a){case 0:s=o,a=1;break;case 1:r[i++]=s<<2|(o&48)>>4,s=o,a=2;break;case 2:r[i++]=(s&15)<<4|(o&60)>>2,s=o,a=3;break;case 3:r[i++]=(s&3)<<6|o,a=0}}if(a==1)throw Error(`invalid base64 string`);return r.subarray(0,i)}function $t(e,t=`std`){let n=nn(t),r=t==`std`,i=``,a=0,o,s=0;for(let t=0;t<e.length;t++)switch(o=e[t],a){case 0:i+=n[o>>2],s=(o&3)<<4,a=1;break;case 1:i+=n[s|o>>4],s=(o&15)<<2,a=2;break;case 2:i+=n[s|o>>6],i+=n[o&63],a=0}return a&&(i+=n[s],r&&(i+=`=`,a==1&&(i+=`=`))),i}var en,tn,D;function nn(e){return en||(en=`ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/`.split(``),tn=en.slice(0,-2).concat(`-`,`_`)),e==`url`?tn:en}function rn(){if(!D){D=[];let e=nn(`std`);for(let t=0;t<e.length;t++)D[e[t].charCodeAt(0)]=t;D[45]=e.indexOf(`+`),D[95]=e.indexOf(`/`)}return D}function O(e){let t=!1,n=[];for(let r=0;r<e.length;r++){let i=e.charAt(r);switch(i){case`_`:t=!0;break;case`0`:case`1`:case`2`:case`3`:case`4`:case`5`:case`6`:case`7`:case`8`:case`9`:n.push(i),t=!1;break;default:t&&(t=!1,i=i.toUpperCase()),n.push(i)}}return n.join(``)}function an(e){return e.replace(/[A-Z]/g,e=>`_`+e.toLowerCase())}var on=new Set([`constructor`,`toString`,`toJSON`,`valueOf`]);function k(e){return on.has(e)?e+`$`:e}function sn(e){for(let t of e.field)v(t,`jsonName`)||(t.jsonName=O(t.name));e.nestedType.forEach(sn)}function cn(e,t){let n=e.values.find(e=>e.name===t);if(!n)throw Error(`cannot parse ${e} default value: ${t}`);return n.number}function ln(e,t){switch(e){case m.STRING:return t;case m.BYTES:{let n=un(t);if(n===!1)throw Error(`cannot parse ${m[e]} default value: ${t}`);return n}case m.INT64:case m.SFIXED64:case m.SINT64:return h.parse(t);case m.UINT64:case m.FIXED64:return h.uParse(t);case m.DOUBLE:case m.FLOAT:switch(t){case`inf`:return 1/0;case`-inf`:return-1/0;case`nan`:return NaN;default:return parseFloat(t)}case m.BOOL:return t===`true`;case m.INT32:case m.UINT32:case m.SINT32:case m.FIXED32:case m.SFIXED32:return parseInt(t,10)}}function un(e){let t=[],n={tail:e,c:``,next(){return this.tail.length!=0&&(this.c=this.tail[0],this.tail=this.tail.substring(1),!0)},take(e){if(this.tail.length>=e){let t=this.tail.substring(0,e);return this.tail=this.tail.substring(e),t}return!1}};for(;n.next();)switch(n.c){case`\\`:if(n.next())switch(n.c){case`\\`:t.push(n.c.charCodeAt(0));break;case`b`:t.push(8);break;case`f`:t.push(12);break;case`n`:t.push(10);break;case`r`:t.push(13);break;case`t`:t.push(9);break;case`v`:t.push(11);break;case`0`:case`1`:case`2`:case`3`:case`4`:case`5`:case`6`:case`7`:{let e=n.c,r=n.take(2);if(r===!1)return!1;let i=parseInt(e+r,8);if(Number.isNaN(i))return!1;t.push(i);break}case`x`:{let e=n.c,r=n.take(2);if(r===!1)return!1;let i=parseInt(e+r,16);if(Number.isNaN(i))return!1;t.push(i);break}case`u`:{let e=n.c,r=n.take(4);if(r===!1)return!1;let i=parseInt(e+r,16);if(Number.isNaN(i))return!1;let a=new Uint8Array(4);new DataView(a.buffer).setInt32(0,i,!0),t.push(a[0],a[1],a[2],a[3]);break}case`U`:{let e=n.c,r=n.take(8);if(r===!1)return!1;let i=h.uEnc(e+r),a=new Uint8Array(8),o=new DataView(a.buffer);o.setInt32(0,i.lo,!0),o.setInt32(4,i.hi,!0),t.push(a[0],a[1],a[2],a[3],a[4],a[5],a[6],a[7]);break}}break;default:t.push(n.c.charCodeAt(0))}return new Uint8Array(t)}function*dn(e){switch(e.kind){case`file`:for(let t of e.messages)yield t,yield*dn(t);yield*e.enums,yield*e.services,yield*e.extensions;break;case`message`:for(let t of e.nestedMessages)yield t,yield*dn(t);yield*e.nestedEnums,yield*e.nestedExtensions}}function fn(...e){let t=pn();if(!e.length)return t;if(`$typeName`in e[0]&&e[0].$typeName==`google.protobuf.FileDescriptorSet`){for(let n of e[0].file)Nn(n,t);return t}if(`$typeName`in e[0]){let n=e[0],r=e[1],i=new Set;function a(e){let n=[];for(let a of e.dependency){if(t.getFile(a)!=null||i.has(a))continue;let o=r(a);if(!o)throw Error(`Unable to resolve ${a}, imported by ${e.name}`);`kind`in o?t.addFile(o,!1,!0):(i.add(o.name),n.push(o))}return n.concat(...n.map(a))}for(let e of[n,...a(n)].reverse())Nn(e,t)}else for(let n of e)for(let e of n.files)t.addFile(e);return t}function pn(){let e=new Map,t=new Map,n=new Map;return{kind:`registry`,types:e,extendees:t,[Symbol.iterator](){return e.values()},get files(){return n.values()},addFile(e,t,r){if(n.set(e.proto.name,e),!t)for(let t of dn(e))this.add(t);if(r)for(let n of e.dependencies)this.addFile(n,t,r)},add(n){if(n.kind==`extension`){let e=t.get(n.extendee.typeName);e||t.set(n.extendee.typeName,e=new Map),e.set(n.number,n)}e.set(n.typeName,n)},get(t){return e.get(t)},getFile(e){return n.get(e)},getMessage(t){let n=e.get(t);return n?.kind==`message`?n:void 0},getEnum(t){let n=e.get(t);return n?.kind==`enum`?n:void 0},getExtension(t){let n=e.get(t);return n?.kind==`extension`?n:void 0},getExtensionFor(e,n){return t.get(e.typeName)?.get(n)},getService(t){let n=e.get(t);return n?.kind==`service`?n:void 0}}}var mn=998,hn=999,gn=9999,_n=9,A=10,j=11,vn=12,yn=14,bn=3,xn=2,Sn=1,Cn=0,wn=1,Tn=2,En=3,Dn=1,On=2,kn=1,An=2,jn=1001,Mn={998:{fieldPresence:1,enumType:2,repeatedFieldEncoding:2,utf8Validation:3,messageEncoding:1,jsonFormat:2,enforceNamingStyle:2,defaultSymbolVisibility:1},999:{fieldPresence:2,enumType:1,repeatedFieldEncoding:1,utf8Validation:2,messageEncoding:1,jsonFormat:1,enforceNamingStyle:2,defaultSymbolVisibility:1},1e3:{fieldPresence:1,enumType:1,repeatedFieldEncoding:1,utf8Validation:2,messageEncoding:1,jsonFormat:1,enforceNamingStyle:2,defaultSymbolVisibility:1},1001:{fieldPresence:1,enumType:1,repeatedFieldEncoding:1,utf8Validation:2,messageEncoding:1,jsonFormat:1,enforceNamingStyle:1,defaultSymbolVisibility:2}};function Nn(e,t){let n={kind:`file`,proto:e,deprecated:e.options?.deprecated??!1,edition:Hn(e),name:e.name.replace(/\.proto$/,``),dependencies:Un(e,t),enums:[],messages:[],extensions:[],services:[],toString(){return`file ${e.name}`}},r=new Map,i={get(e){return r.get(e)},add(e){P(e.proto.options?.mapEntry===!0),r.set(e.typeName,e)}};for(let r of e.enumType)In(r,n,void 0,t);for(let r of e.messageType)Ln(r,n,void 0,t,i);for(let r of e.service)Rn(r,n,t);Pn(n,t);for(let e of r.values())Fn(e,t,i);for(let e of n.messages)Fn(e,t,i),Pn(e,t);t.addFile(n,!0)}function Pn(e,t){switch(e.kind){case`file`:for(let n of e.proto.extension){let r=Vn(n,e,t);e.extensions.push(r),t.add(r)}break;case`message`:for(let n of e.proto.extension){let r=Vn(n,e,t);e.nestedExtensions.push(r),t.add(r)}for(let n of e.nestedMessages)Pn(n,t)}}function Fn(e,t,n){let r=e.proto.oneofDecl.map(t=>Bn(t,e)),i=new Set;for(let a of e.proto.field){let o=qn(a,r),s=Vn(a,e,t,o,n);e.fields.push(s),e.field[s.localName]=s,o===void 0?e.members.push(s):(o.fields.push(s),i.has(o)||(i.add(o),e.members.push(o)))}for(let t of r.filter(e=>i.has(e)))e.oneofs.push(t);for(let r of e.nestedMessages)Fn(r,t,n)}function In(e,t,n,r){let i=Wn(e.name,e.value),a={kind:`enum`,proto:e,deprecated:e.options?.deprecated??!1,file:t,parent:n,open:!0,name:e.name,typeName:Kn(e,n,t),value:{},values:[],sharedPrefix:i,toString(){return`enum ${this.typeName}`}};a.open=Zn(a),r.add(a);for(let t of e.value){let e=t.name;a.values.push(a.value[t.number]={kind:`enum_value`,proto:t,deprecated:t.options?.deprecated??!1,parent:a,name:e,localName:k(i==null?e:e.substring(i.length)),number:t.number,toString(){return`enum value ${a.typeName}.${e}`}})}(n?.nestedEnums??t.enums).push(a)}function Ln(e,t,n,r,i){let a={kind:`message`,proto:e,deprecated:e.options?.deprecated??!1,file:t,parent:n,name:e.name,typeName:Kn(e,n,t),fields:[],field:{},oneofs:[],members:[],nestedEnums:[],nestedMessages:[],nestedExtensions:[],toString(){return`message ${this.typeName}`}};e.options?.mapEntry===!0?i.add(a):((n?.nestedMessages??t.messages).push(a),r.add(a));for(let n of e.enumType)In(n,t,a,r);for(let n of e.nestedType)Ln(n,t,a,r,i)}function Rn(e,t,n){let r={kind:`service`,proto:e,deprecated:e.options?.deprecated??!1,file:t,name:e.name,typeName:Kn(e,void 0,t),methods:[],method:{},toString(){return`service ${this.typeName}`}};t.services.push(r),n.add(r);for(let t of e.method){let e=zn(t,r,n);r.methods.push(e),r.method[e.localName]=e}}function zn(e,t,n){let r;r=e.clientStreaming&&e.serverStreaming?`bidi_streaming`:e.clientStreaming?`client_streaming`:e.serverStreaming?`server_streaming`:`unary`;let i=n.getMessage(M(e.inputType)),a=n.getMessage(M(e.outputType));P(i,`invalid MethodDescriptorProto: input_type ${e.inputType} not found`),P(a,`invalid MethodDescriptorProto: output_type ${e.inputType} not found`);let o=e.name;return{kind:`rpc`,proto:e,deprecated:e.options?.deprecated??!1,parent:t,name:o,localName:k(o.length?k(o[0].toLowerCase()+o.substring(1)):o),methodKind:r,input:i,output:a,idempotency:e.options?.idempotencyLevel??Cn,toString(){return`rpc ${t.typeName}.${o}`}}}function Bn(e,t){return{kind:`oneof`,proto:e,deprecated:!1,parent:t,fields:[],name:e.name,localName:k(O(e.name)),toString(){return`oneof ${t.typeName}.${this.name}`}}}function Vn(e,t,n,r,i){let a=i===void 0,o={kind:`field`,proto:e,deprecated:e.options?.deprecated??!1,name:e.name,number:e.number,scalar:void 0,message:void 0,enum:void 0,presence:Jn(e,r,a,t),utf8Validation:$n(e,t),listKind:void 0,mapKind:void 0,mapKey:void 0,delimitedEncoding:void 0,packed:void 0,longAsString:!1,getDefaultValue:void 0};if(a){let r=t.kind==`file`?t:t.file,i=t.kind==`file`?void 0:t,a=Kn(e,i,r);o.kind=`extension`,o.file=r,o.parent=i,o.oneof=void 0,o.typeName=a,o.jsonName=`[${a}]`,o.toString=()=>`extension ${a}`;let s=n.getMessage(M(e.extendee));P(s,`invalid FieldDescriptorProto: extendee ${e.extendee} not found`),o.extendee=s}else{let n=t;P(n.kind==`message`),o.parent=n,o.oneof=r,o.localName=r?O(e.name):k(O(e.name)),o.jsonName=e.jsonName,o.toString=()=>`field ${n.typeName}.${e.name}`}let s=e.label,c=e.type,l=e.options?.jstype;if(s===bn){let r=c==j?i?.get(M(e.typeName)):void 0;if(r){o.fieldKind=`map`;let{key:e,value:t}=Xn(r);return o.mapKey=e.scalar,o.mapKind=t.fieldKind,o.message=t.message,o.delimitedEncoding=!1,o.enum=t.enum,o.scalar=t.scalar,o}switch(o.fieldKind=`list`,c){case j:case A:o.listKind=`message`,o.message=n.getMessage(M(e.typeName)),P(o.message),o.delimitedEncoding=Qn(e,t);break;case yn:o.listKind=`enum`,o.enum=n.getEnum(M(e.typeName)),P(o.enum);break;default:o.listKind=`scalar`,o.scalar=c,o.longAsString=l==Sn}return o.packed=Yn(e,t),o}switch(c){case j:case A:o.fieldKind=`message`,o.message=n.getMessage(M(e.typeName)),P(o.message,`invalid FieldDescriptorProto: type_name ${e.typeName} not found`),o.delimitedEncoding=Qn(e,t),o.getDefaultValue=()=>void 0;break;case yn:{let t=n.getEnum(M(e.typeName));P(t!==void 0,`invalid FieldDescriptorProto: type_name ${e.typeName} not found`),o.fieldKind=`enum`,o.enum=n.getEnum(M(e.typeName)),o.getDefaultValue=()=>v(e,`defaultValue`)?cn(t,e.defaultValue):void 0;break}default:o.fieldKind=`scalar`,o.scalar=c,o.longAsString=l==Sn,o.getDefaultValue=()=>v(e,`defaultValue`)?ln(c,e.defaultValue):void 0}return o}function Hn(e){switch(e.syntax){case``:case`proto2`:return mn;case`proto3`:return hn;case`editions`:if(e.edition===gn)return jn;if(e.edition in Mn)return e.edition;throw Error(`${e.name}: unsupported edition`);default:throw Error(`${e.name}: unsupported syntax "${e.syntax}"`)}}function Un(e,t){return e.dependency.map(n=>{let r=t.getFile(n);if(!r)throw Error(`Cannot find ${n}, imported by ${e.name}`);return r})}function Wn(e,t){let n=Gn(e)+`_`;for(let e of t){if(!e.name.toLowerCase().startsWith(n))return;let t=e.name.substring(n.length);if(t.length==0||/^\d/.test(t))return}return n}function Gn(e){return(e.substring(0,1)+e.substring(1).replace(/[A-Z]/g,e=>`_`+e)).toLowerCase()}function Kn(e,t,n){let r;return r=t?`${t.typeName}.${e.name}`:n.proto.package.length>0?`${n.proto.package}.${e.name}`:`${e.name}`,r}function M(e){return e.startsWith(`.`)?e.substring(1):e}function qn(e,t){if(!v(e,`oneofIndex`)||e.proto3Optional)return;let n=t[e.oneofIndex];return P(n,`invalid FieldDescriptorProto: oneof #${e.oneofIndex} for field #${e.number} not found`),n}function Jn(e,t,n,r){if(e.label==xn)return En;if(e.label==bn)return Tn;if(t||e.proto3Optional||n)return wn;let i=N(`fieldPresence`,{proto:e,parent:r});return i==Tn&&(e.type==j||e.type==A)?wn:i}function Yn(e,t){if(e.label!=bn)return!1;switch(e.type){case _n:case vn:case A:case j:return!1}let n=e.options;return n&&v(n,`packed`)?n.packed:Dn==N(`repeatedFieldEncoding`,{proto:e,parent:t})}function Xn(e){let t=e.fields.find(e=>e.number===1),n=e.fields.find(e=>e.number===2);return P(t&&t.fieldKind==`scalar`&&t.scalar!=m.BYTES&&t.scalar!=m.FLOAT&&t.scalar!=m.DOUBLE&&n&&n.fieldKind!=`list`&&n.fieldKind!=`map`),{key:t,value:n}}function Zn(e){return kn==N(`enumType`,{proto:e.proto,parent:e.parent??e.file})}function Qn(e,t){return e.type==A||On==N(`messageEncoding`,{proto:e,parent:t})}function $n(e,t){return An==N(`utf8Validation`,{proto:e,parent:t})}function N(e,t){let n=t.proto.options?.features;if(n){let t=n[e];if(t!=0)return t}if(`kind`in t){if(t.kind==`message`)return N(e,t.parent??t.file);let n=Mn[t.edition];if(!n)throw Error(`feature default for edition ${t.edition} not found`);return n[e]}return N(e,t.parent)}function P(e,t){if(!e)throw Error(t)}function er(e){let t=tr(e);return t.messageType.forEach(sn),fn(t,()=>void 0).getFile(t.name)}function tr(e){return Object.assign(Object.create({syntax:``,edition:0}),Object.assign(Object.assign({$typeName:`google.protobuf.FileDescriptorProto`,dependency:[],publicDependency:[],weakDependency:[],optionDependency:[],service:[],extension:[]},e),{messageType:e.messageType.map(nr),enumType:e.enumType.map(ar)}))}function nr(e){return Object.assign(Object.create({visibility:0}),{$typeName:`google.protobuf.DescriptorProto`,name:e.name,field:e.field?.map(rr)??[],extension:[],nestedType:e.nestedType?.map(nr)??[],enumType:e.enumType?.map(ar)??[],extensionRange:e.extensionRange?.map(e=>Object.assign({$typeName:`google.protobuf.DescriptorProto.ExtensionRange`},e))??[],oneofDecl:[],reservedRange:[],reservedName:[]})}function rr(e){return Object.assign(Object.create({label:1,typeName:``,extendee:``,defaultValue:``,oneofIndex:0,jsonName:``,proto3Optional:!1}),Object.assign(Object.assign({$typeName:`google.protobuf.FieldDescriptorProto`},e),{options:e.options?ir(e.options):void 0}))}function ir(e){return Object.assign(Object.create({ctype:0,packed:!1,jstype:0,lazy:!1,unverifiedLazy:!1,deprecated:!1,weak:!1,debugRedact:!1,retention:0}),Object.assign(Object.assign({$typeName:`google.protobuf.FieldOptions`},e),{targets:e.targets??[],editionDefaults:e.editionDefaults?.map(e=>Object.assign({$typeName:`google.protobuf.FieldOptions.EditionDefault`},e))??[],uninterpretedOption:[]}))}function ar(e){return Object.assign(Object.create({visibility:0}),{$typeName:`google.protobuf.EnumDescriptorProto`,name:e.name,reservedName:[],reservedRange:[],value:e.value.map(e=>Object.assign({$typeName:`google.protobuf.EnumValueDescriptorProto`},e))})}function F(e,t,...n){return n.reduce((e,t)=>e.nestedMessages[t],e.messages[t])}var or=F(er({name:`google/protobuf/descriptor.proto`,package:`google.protobuf`,messageType:[{name:`FileDescriptorSet`,field:[{name:`file`,number:1,type:11,label:3,typeName:`.google.protobuf.FileDescriptorProto`}],extensionRange:[{start:536e6,end:536000001}]},{name:`FileDescriptorProto`,field:[{name:`name`,number:1,type:9,label:1},{name:`package`,number:2,type:9,label:1},{name:`dependency`,number:3,type:9,label:3},{name:`public_dependency`,number:10,type:5,label:3},{name:`weak_dependency`,number:11,type:5,label:3},{name:`option_dependency`,number:15,type:9,label:3},{name:`message_type`,number:4,type:11,label:3,typeName:`.google.protobuf.DescriptorProto`},{name:`enum_type`,number:5,type:11,label:3,typeName:`.google.protobuf.EnumDescriptorProto`},{name:`service`,number:6,type:11,label:3,typeName:`.google.protobuf.ServiceDescriptorProto`},{name:`extension`,number:7,type:11,label:3,typeName:`.google.protobuf.FieldDescriptorProto`},{name:`options`,number:8,type:11,label:1,typeName:`.google.protobuf.FileOptions`},{name:`source_code_info`,number:9,type:11,label:1,typeName:`.google.protobuf.SourceCodeInfo`},{name:`syntax`,number:12,type:9,label:1},{name:`edition`,number:14,type:14,label:1,typeName:`.google.protobuf.Edition`}]},{name:`DescriptorProto`,field:[{name:`name`,number:1,type:9,label:1},{name:`field`,number:2,type:11,label:3,typeName:`.google.protobuf.FieldDescriptorProto`},{name:`extension`,number:6,type:11,label:3,typeName:`.google.protobuf.FieldDescriptorProto`},{name:`nested_type`,number:3,type:11,label:3,typeName:`.google.protobuf.DescriptorProto`},{name:`enum_type`,number:4,type:11,label:3,typeName:`.google.protobuf.EnumDescriptorProto`},{name:`extension_range`,number:5,type:11,label:3,typeName:`.google.protobuf.DescriptorProto.ExtensionRange`},{name:`oneof_decl`,number:8,type:11,label:3,typeName:`.google.protobuf.OneofDescriptorProto`},{name:`options`,number:7,type:11,label:1,typeName:`.google.protobuf.MessageOptions`},{name:`reserved_range`,number:9,type:11,label:3,typeName:`.google.protobuf.DescriptorProto.ReservedRange`},{name:`reserved_name`,number:10,type:9,label:3},{name:`visibility`,number:11,type:14,label:1,typeName:`.google.protobuf.SymbolVisibility`}],nestedType:[{name:`ExtensionRange`,field:[{name:`start`,number:1,type:5,label:1},{name:`end`,number:2,type:5,label:1},{name:`options`,number:3,type:11,label:1,typeName:`.google.protobuf.ExtensionRangeOptions`}]},{name:`ReservedRange`,field:[{name:`start`,number:1,type:5,label:1},{name:`end`,number:2,type:5,label:1}]}]},{name:`ExtensionRangeOptions`,field:[{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`},{name:`declaration`,number:2,type:11,label:3,typeName:`.google.protobuf.ExtensionRangeOptions.Declaration`,options:{retention:2}},{name:`features`,number:50,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`verification`,number:3,type:14,label:1,typeName:`.google.protobuf.ExtensionRangeOptions.VerificationState`,defaultValue:`UNVERIFIED`,options:{retention:2}}],nestedType:[{name:`Declaration`,field:[{name:`number`,number:1,type:5,label:1},{name:`full_name`,number:2,type:9,label:1},{name:`type`,number:3,type:9,label:1},{name:`reserved`,number:5,type:8,label:1},{name:`repeated`,number:6,type:8,label:1}]}],enumType:[{name:`VerificationState`,value:[{name:`DECLARATION`,number:0},{name:`UNVERIFIED`,number:1}]}],extensionRange:[{start:1e3,end:536870912}]},{name:`FieldDescriptorProto`,field:[{name:`name`,number:1,type:9,label:1},{name:`number`,number:3,type:5,label:1},{name:`label`,number:4,type:14,label:1,typeName:`.google.protobuf.FieldDescriptorProto.Label`},{name:`type`,number:5,type:14,label:1,typeName:`.google.protobuf.FieldDescriptorProto.Type`},{name:`type_name`,number:6,type:9,label:1},{name:`extendee`,number:2,type:9,label:1},{name:`default_value`,number:7,type:9,label:1},{name:`oneof_index`,number:9,type:5,label:1},{name:`json_name`,number:10,type:9,label:1},{name:`options`,number:8,type:11,label:1,typeName:`.google.protobuf.FieldOptions`},{name:`proto3_optional`,number:17,type:8,label:1}],enumType:[{name:`Type`,value:[{name:`TYPE_DOUBLE`,number:1},{name:`TYPE_FLOAT`,number:2},{name:`TYPE_INT64`,number:3},{name:`TYPE_UINT64`,number:4},{name:`TYPE_INT32`,number:5},{name:`TYPE_FIXED64`,number:6},{name:`TYPE_FIXED32`,number:7},{name:`TYPE_BOOL`,number:8},{name:`TYPE_STRING`,number:9},{name:`TYPE_GROUP`,number:10},{name:`TYPE_MESSAGE`,number:11},{name:`TYPE_BYTES`,number:12},{name:`TYPE_UINT32`,number:13},{name:`TYPE_ENUM`,number:14},{name:`TYPE_SFIXED32`,number:15},{name:`TYPE_SFIXED64`,number:16},{name:`TYPE_SINT32`,number:17},{name:`TYPE_SINT64`,number:18}]},{name:`Label`,value:[{name:`LABEL_OPTIONAL`,number:1},{name:`LABEL_REPEATED`,number:3},{name:`LABEL_REQUIRED`,number:2}]}]},{name:`OneofDescriptorProto`,field:[{name:`name`,number:1,type:9,label:1},{name:`options`,number:2,type:11,label:1,typeName:`.google.protobuf.OneofOptions`}]},{name:`EnumDescriptorProto`,field:[{name:`name`,number:1,type:9,label:1},{name:`value`,number:2,type:11,label:3,typeName:`.google.protobuf.EnumValueDescriptorProto`},{name:`options`,number:3,type:11,label:1,typeName:`.google.protobuf.EnumOptions`},{name:`reserved_range`,number:4,type:11,label:3,typeName:`.google.protobuf.EnumDescriptorProto.EnumReservedRange`},{name:`reserved_name`,number:5,type:9,label:3},{name:`visibility`,number:6,type:14,label:1,typeName:`.google.protobuf.SymbolVisibility`}],nestedType:[{name:`EnumReservedRange`,field:[{name:`start`,number:1,type:5,label:1},{name:`end`,number:2,type:5,label:1}]}]},{name:`EnumValueDescriptorProto`,field:[{name:`name`,number:1,type:9,label:1},{name:`number`,number:2,type:5,label:1},{name:`options`,number:3,type:11,label:1,typeName:`.google.protobuf.EnumValueOptions`}]},{name:`ServiceDescriptorProto`,field:[{name:`name`,number:1,type:9,label:1},{name:`method`,number:2,type:11,label:3,typeName:`.google.protobuf.MethodDescriptorProto`},{name:`options`,number:3,type:11,label:1,typeName:`.google.protobuf.ServiceOptions`}]},{name:`MethodDescriptorProto`,field:[{name:`name`,number:1,type:9,label:1},{name:`input_type`,number:2,type:9,label:1},{name:`output_type`,number:3,type:9,label:1},{name:`options`,number:4,type:11,label:1,typeName:`.google.protobuf.MethodOptions`},{name:`client_streaming`,number:5,type:8,label:1,defaultValue:`false`},{name:`server_streaming`,number:6,type:8,label:1,defaultValue:`false`}]},{name:`FileOptions`,field:[{name:`java_package`,number:1,type:9,label:1},{name:`java_outer_classname`,number:8,type:9,label:1},{name:`java_multiple_files`,number:10,type:8,label:1,defaultValue:`false`,options:{}},{name:`java_generate_equals_and_hash`,number:20,type:8,label:1,options:{deprecated:!0}},{name:`java_string_check_utf8`,number:27,type:8,label:1,defaultValue:`false`},{name:`optimize_for`,number:9,type:14,label:1,typeName:`.google.protobuf.FileOptions.OptimizeMode`,defaultValue:`SPEED`},{name:`go_package`,number:11,type:9,label:1},{name:`cc_generic_services`,number:16,type:8,label:1,defaultValue:`false`},{name:`java_generic_services`,number:17,type:8,label:1,defaultValue:`false`},{name:`py_generic_services`,number:18,type:8,label:1,defaultValue:`false`},{name:`deprecated`,number:23,type:8,label:1,defaultValue:`false`},{name:`cc_enable_arenas`,number:31,type:8,label:1,defaultValue:`true`},{name:`objc_class_prefix`,number:36,type:9,label:1},{name:`csharp_namespace`,number:37,type:9,label:1},{name:`swift_prefix`,number:39,type:9,label:1},{name:`php_class_prefix`,number:40,type:9,label:1},{name:`php_namespace`,number:41,type:9,label:1},{name:`php_metadata_namespace`,number:44,type:9,label:1},{name:`ruby_package`,number:45,type:9,label:1},{name:`features`,number:50,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`}],enumType:[{name:`OptimizeMode`,value:[{name:`SPEED`,number:1},{name:`CODE_SIZE`,number:2},{name:`LITE_RUNTIME`,number:3}]}],extensionRange:[{start:1e3,end:536870912}]},{name:`MessageOptions`,field:[{name:`message_set_wire_format`,number:1,type:8,label:1,defaultValue:`false`},{name:`no_standard_descriptor_accessor`,number:2,type:8,label:1,defaultValue:`false`},{name:`deprecated`,number:3,type:8,label:1,defaultValue:`false`},{name:`map_entry`,number:7,type:8,label:1},{name:`deprecated_legacy_json_field_conflicts`,number:11,type:8,label:1,options:{deprecated:!0}},{name:`features`,number:12,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`}],extensionRange:[{start:1e3,end:536870912}]},{name:`FieldOptions`,field:[{name:`ctype`,number:1,type:14,label:1,typeName:`.google.protobuf.FieldOptions.CType`,defaultValue:`STRING`},{name:`packed`,number:2,type:8,label:1},{name:`jstype`,number:6,type:14,label:1,typeName:`.google.protobuf.FieldOptions.JSType`,defaultValue:`JS_NORMAL`},{name:`lazy`,number:5,type:8,label:1,defaultValue:`false`},{name:`unverified_lazy`,number:15,type:8,label:1,defaultValue:`false`},{name:`deprecated`,number:3,type:8,label:1,defaultValue:`false`},{name:`weak`,number:10,type:8,label:1,defaultValue:`false`,options:{deprecated:!0}},{name:`debug_redact`,number:16,type:8,label:1,defaultValue:`false`},{name:`retention`,number:17,type:14,label:1,typeName:`.google.protobuf.FieldOptions.OptionRetention`},{name:`targets`,number:19,type:14,label:3,typeName:`.google.protobuf.FieldOptions.OptionTargetType`},{name:`edition_defaults`,number:20,type:11,label:3,typeName:`.google.protobuf.FieldOptions.EditionDefault`},{name:`features`,number:21,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`feature_support`,number:22,type:11,label:1,typeName:`.google.protobuf.FieldOptions.FeatureSupport`},{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`}],nestedType:[{name:`EditionDefault`,field:[{name:`edition`,number:3,type:14,label:1,typeName:`.google.protobuf.Edition`},{name:`value`,number:2,type:9,label:1}]},{name:`FeatureSupport`,field:[{name:`edition_introduced`,number:1,type:14,label:1,typeName:`.google.protobuf.Edition`},{name:`edition_deprecated`,number:2,type:14,label:1,typeName:`.google.protobuf.Edition`},{name:`deprecation_warning`,number:3,type:9,label:1},{name:`edition_removed`,number:4,type:14,label:1,typeName:`.google.protobuf.Edition`},{name:`removal_error`,number:5,type:9,label:1}]}],enumType:[{name:`CType`,value:[{name:`STRING`,number:0},{name:`CORD`,number:1},{name:`STRING_PIECE`,number:2}]},{name:`JSType`,value:[{name:`JS_NORMAL`,number:0},{name:`JS_STRING`,number:1},{name:`JS_NUMBER`,number:2}]},{name:`OptionRetention`,value:[{name:`RETENTION_UNKNOWN`,number:0},{name:`RETENTION_RUNTIME`,number:1},{name:`RETENTION_SOURCE`,number:2}]},{name:`OptionTargetType`,value:[{name:`TARGET_TYPE_UNKNOWN`,number:0},{name:`TARGET_TYPE_FILE`,number:1},{name:`TARGET_TYPE_EXTENSION_RANGE`,number:2},{name:`TARGET_TYPE_MESSAGE`,number:3},{name:`TARGET_TYPE_FIELD`,number:4},{name:`TARGET_TYPE_ONEOF`,number:5},{name:`TARGET_TYPE_ENUM`,number:6},{name:`TARGET_TYPE_ENUM_ENTRY`,number:7},{name:`TARGET_TYPE_SERVICE`,number:8},{name:`TARGET_TYPE_METHOD`,number:9}]}],extensionRange:[{start:1e3,end:536870912}]},{name:`OneofOptions`,field:[{name:`features`,number:1,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`}],extensionRange:[{start:1e3,end:536870912}]},{name:`EnumOptions`,field:[{name:`allow_alias`,number:2,type:8,label:1},{name:`deprecated`,number:3,type:8,label:1,defaultValue:`false`},{name:`deprecated_legacy_json_field_conflicts`,number:6,type:8,label:1,options:{deprecated:!0}},{name:`features`,number:7,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`}],extensionRange:[{start:1e3,end:536870912}]},{name:`EnumValueOptions`,field:[{name:`deprecated`,number:1,type:8,label:1,defaultValue:`false`},{name:`features`,number:2,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`debug_redact`,number:3,type:8,label:1,defaultValue:`false`},{name:`feature_support`,number:4,type:11,label:1,typeName:`.google.protobuf.FieldOptions.FeatureSupport`},{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`}],extensionRange:[{start:1e3,end:536870912}]},{name:`ServiceOptions`,field:[{name:`features`,number:34,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`deprecated`,number:33,type:8,label:1,defaultValue:`false`},{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`}],extensionRange:[{start:1e3,end:536870912}]},{name:`MethodOptions`,field:[{name:`deprecated`,number:33,type:8,label:1,defaultValue:`false`},{name:`idempotency_level`,number:34,type:14,label:1,typeName:`.google.protobuf.MethodOptions.IdempotencyLevel`,defaultValue:`IDEMPOTENCY_UNKNOWN`},{name:`features`,number:35,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`uninterpreted_option`,number:999,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption`}],enumType:[{name:`IdempotencyLevel`,value:[{name:`IDEMPOTENCY_UNKNOWN`,number:0},{name:`NO_SIDE_EFFECTS`,number:1},{name:`IDEMPOTENT`,number:2}]}],extensionRange:[{start:1e3,end:536870912}]},{name:`UninterpretedOption`,field:[{name:`name`,number:2,type:11,label:3,typeName:`.google.protobuf.UninterpretedOption.NamePart`},{name:`identifier_value`,number:3,type:9,label:1},{name:`positive_int_value`,number:4,type:4,label:1},{name:`negative_int_value`,number:5,type:3,label:1},{name:`double_value`,number:6,type:1,label:1},{name:`string_value`,number:7,type:12,label:1},{name:`aggregate_value`,number:8,type:9,label:1}],nestedType:[{name:`NamePart`,field:[{name:`name_part`,number:1,type:9,label:2},{name:`is_extension`,number:2,type:8,label:2}]}]},{name:`FeatureSet`,field:[{name:`field_presence`,number:1,type:14,label:1,typeName:`.google.protobuf.FeatureSet.FieldPresence`,options:{retention:1,targets:[4,1],editionDefaults:[{value:`EXPLICIT`,edition:900},{value:`IMPLICIT`,edition:999},{value:`EXPLICIT`,edition:1e3}]}},{name:`enum_type`,number:2,type:14,label:1,typeName:`.google.protobuf.FeatureSet.EnumType`,options:{retention:1,targets:[6,1],editionDefaults:[{value:`CLOSED`,edition:900},{value:`OPEN`,edition:999}]}},{name:`repeated_field_encoding`,number:3,type:14,label:1,typeName:`.google.protobuf.FeatureSet.RepeatedFieldEncoding`,options:{retention:1,targets:[4,1],editionDefaults:[{value:`EXPANDED`,edition:900},{value:`PACKED`,edition:999}]}},{name:`utf8_validation`,number:4,type:14,label:1,typeName:`.google.protobuf.FeatureSet.Utf8Validation`,options:{retention:1,targets:[4,1],editionDefaults:[{value:`NONE`,edition:900},{value:`VERIFY`,edition:999}]}},{name:`message_encoding`,number:5,type:14,label:1,typeName:`.google.protobuf.FeatureSet.MessageEncoding`,options:{retention:1,targets:[4,1],editionDefaults:[{value:`LENGTH_PREFIXED`,edition:900}]}},{name:`json_format`,number:6,type:14,label:1,typeName:`.google.protobuf.FeatureSet.JsonFormat`,options:{retention:1,targets:[3,6,1],editionDefaults:[{value:`LEGACY_BEST_EFFORT`,edition:900},{value:`ALLOW`,edition:999}]}},{name:`enforce_naming_style`,number:7,type:14,label:1,typeName:`.google.protobuf.FeatureSet.EnforceNamingStyle`,options:{retention:2,targets:[1,2,3,4,5,6,7,8,9],editionDefaults:[{value:`STYLE_LEGACY`,edition:900},{value:`STYLE2024`,edition:1001}]}},{name:`default_symbol_visibility`,number:8,type:14,label:1,typeName:`.google.protobuf.FeatureSet.VisibilityFeature.DefaultSymbolVisibility`,options:{retention:2,targets:[1],editionDefaults:[{value:`EXPORT_ALL`,edition:900},{value:`EXPORT_TOP_LEVEL`,edition:1001}]}}],nestedType:[{name:`VisibilityFeature`,enumType:[{name:`DefaultSymbolVisibility`,value:[{name:`DEFAULT_SYMBOL_VISIBILITY_UNKNOWN`,number:0},{name:`EXPORT_ALL`,number:1},{name:`EXPORT_TOP_LEVEL`,number:2},{name:`LOCAL_ALL`,number:3},{name:`STRICT`,number:4}]}]}],enumType:[{name:`FieldPresence`,value:[{name:`FIELD_PRESENCE_UNKNOWN`,number:0},{name:`EXPLICIT`,number:1},{name:`IMPLICIT`,number:2},{name:`LEGACY_REQUIRED`,number:3}]},{name:`EnumType`,value:[{name:`ENUM_TYPE_UNKNOWN`,number:0},{name:`OPEN`,number:1},{name:`CLOSED`,number:2}]},{name:`RepeatedFieldEncoding`,value:[{name:`REPEATED_FIELD_ENCODING_UNKNOWN`,number:0},{name:`PACKED`,number:1},{name:`EXPANDED`,number:2}]},{name:`Utf8Validation`,value:[{name:`UTF8_VALIDATION_UNKNOWN`,number:0},{name:`VERIFY`,number:2},{name:`NONE`,number:3}]},{name:`MessageEncoding`,value:[{name:`MESSAGE_ENCODING_UNKNOWN`,number:0},{name:`LENGTH_PREFIXED`,number:1},{name:`DELIMITED`,number:2}]},{name:`JsonFormat`,value:[{name:`JSON_FORMAT_UNKNOWN`,number:0},{name:`ALLOW`,number:1},{name:`LEGACY_BEST_EFFORT`,number:2}]},{name:`EnforceNamingStyle`,value:[{name:`ENFORCE_NAMING_STYLE_UNKNOWN`,number:0},{name:`STYLE2024`,number:1},{name:`STYLE_LEGACY`,number:2}]}],extensionRange:[{start:1e3,end:9995},{start:9995,end:1e4},{start:1e4,end:10001}]},{name:`FeatureSetDefaults`,field:[{name:`defaults`,number:1,type:11,label:3,typeName:`.google.protobuf.FeatureSetDefaults.FeatureSetEditionDefault`},{name:`minimum_edition`,number:4,type:14,label:1,typeName:`.google.protobuf.Edition`},{name:`maximum_edition`,number:5,type:14,label:1,typeName:`.google.protobuf.Edition`}],nestedType:[{name:`FeatureSetEditionDefault`,field:[{name:`edition`,number:3,type:14,label:1,typeName:`.google.protobuf.Edition`},{name:`overridable_features`,number:4,type:11,label:1,typeName:`.google.protobuf.FeatureSet`},{name:`fixed_features`,number:5,type:11,label:1,typeName:`.google.protobuf.FeatureSet`}]}]},{name:`SourceCodeInfo`,field:[{name:`location`,number:1,type:11,label:3,typeName:`.google.protobuf.SourceCodeInfo.Location`}],nestedType:[{name:`Location`,field:[{name:`path`,number:1,type:5,label:3,options:{packed:!0}},{name:`span`,number:2,type:5,label:3,options:{packed:!0}},{name:`leading_comments`,number:3,type:9,label:1},{name:`trailing_comments`,number:4,type:9,label:1},{name:`leading_detached_comments`,number:6,type:9,label:3}]}],extensionRange:[{start:536e6,end:536000001}]},{name:`GeneratedCodeInfo`,field:[{name:`annotation`,number:1,type:11,label:3,typeName:`.google.protobuf.GeneratedCodeInfo.Annotation`}],nestedType:[{name:`Annotation`,field:[{name:`path`,number:1,type:5,label:3,options:{packed:!0}},{name:`source_file`,number:2,type:9,label:1},{name:`begin`,number:3,type:5,label:1},{name:`end`,number:4,type:5,label:1},{name:`semantic`,number:5,type:14,label:1,typeName:`.google.protobuf.GeneratedCodeInfo.Annotation.Semantic`}],enumType:[{name:`Semantic`,value:[{name:`NONE`,number:0},{name:`SET`,number:1},{name:`ALIAS`,number:2}]}]}]}],enumType:[{name:`Edition`,value:[{name:`EDITION_UNKNOWN`,number:0},{name:`EDITION_LEGACY`,number:900},{name:`EDITION_PROTO2`,number:998},{name:`EDITION_PROTO3`,number:999},{name:`EDITION_2023`,number:1e3},{name:`EDITION_2024`,number:1001},{name:`EDITION_UNSTABLE`,number:9999},{name:`EDITION_1_TEST_ONLY`,number:1},{name:`EDITION_2_TEST_ONLY`,number:2},{name:`EDITION_99997_TEST_ONLY`,number:99997},{name:`EDITION_99998_TEST_ONLY`,number:99998},{name:`EDITION_99999_TEST_ONLY`,number:99999},{name:`EDITION_MAX`,number:2147483647}]},{name:`SymbolVisibility`,value:[{name:`VISIBILITY_UNSET`,number:0},{name:`VISIBILITY_LOCAL`,number:1},{name:`VISIBILITY_EXPORT`,number:2}]}]}),1),sr;(function(e){e[e.DECLARATION=0]=`DECLARATION`,e[e.UNVERIFIED=1]=`UNVERIFIED`})(sr||={});var cr;(function(e){e[e.DOUBLE=1]=`DOUBLE`,e[e.FLOAT=2]=`FLOAT`,e[e.INT64=3]=`INT64`,e[e.UINT64=4]=`UINT64`,e[e.INT32=5]=`INT32`,e[e.FIXED64=6]=`FIXED64`,e[e.FIXED32=7]=`FIXED32`,e[e.BOOL=8]=`BOOL`,e[e.STRING=9]=`STRING`,e[e.GROUP=10]=`GROUP`,e[e.MESSAGE=11]=`MESSAGE`,e[e.BYTES=12]=`BYTES`,e[e.UINT32=13]=`UINT32`,e[e.ENUM=14]=`ENUM`,e[e.SFIXED32=15]=`SFIXED32`,e[e.SFIXED64=16]=`SFIXED64`,e[e.SINT32=17]=`SINT32`,e[e.SINT64=18]=`SINT64`})(cr||={});var lr;(function(e){e[e.OPTIONAL=1]=`OPTIONAL`,e[e.REPEATED=3]=`REPEATED`,e[e.REQUIRED=2]=`REQUIRED`})(lr||={});var ur;(function(e){e[e.SPEED=1]=`SPEED`,e[e.CODE_SIZE=2]=`CODE_SIZE`,e[e.LITE_RUNTIME=3]=`LITE_RUNTIME`})(ur||={});var dr;(function(e){e[e.STRING=0]=`STRING`,e[e.CORD=1]=`CORD`,e[e.STRING_PIECE=2]=`STRING_PIECE`})(dr||={});var fr;(function(e){e[e.JS_NORMAL=0]=`JS_NORMAL`,e[e.JS_STRING=1]=`JS_STRING`,e[e.JS_NUMBER=2]=`JS_NUMBER`})(fr||={});var pr;(function(e){e[e.RETENTION_UNKNOWN=0]=`RETENTION_UNKNOWN`,e[e.RETENTION_RUNTIME=1]=`RETENTION_RUNTIME`,e[e.RETENTION_SOURCE=2]=`RETENTION_SOURCE`})(pr||={});var mr;(function(e){e[e.TARGET_TYPE_UNKNOWN=0]=`TARGET_TYPE_UNKNOWN`,e[e.TARGET_TYPE_FILE=1]=`TARGET_TYPE_FILE`,e[e.TARGET_TYPE_EXTENSION_RANGE=2]=`TARGET_TYPE_EXTENSION_RANGE`,e[e.TARGET_TYPE_MESSAGE=3]=`TARGET_TYPE_MESSAGE`,e[e.TARGET_TYPE_FIELD=4]=`TARGET_TYPE_FIELD`,e[e.TARGET_TYPE_ONEOF=5]=`TARGET_TYPE_ONEOF`,e[e.TARGET_TYPE_ENUM=6]=`TARGET_TYPE_ENUM`,e[e.TARGET_TYPE_ENUM_ENTRY=7]=`TARGET_TYPE_ENUM_ENTRY`,e[e.TARGET_TYPE_SERVICE=8]=`TARGET_TYPE_SERVICE`,e[e.TARGET_TYPE_METHOD=9]=`TARGET_TYPE_METHOD`})(mr||={});var hr;(function(e){e[e.IDEMPOTENCY_UNKNOWN=0]=`IDEMPOTENCY_UNKNOWN`,e[e.NO_SIDE_EFFECTS=1]=`NO_SIDE_EFFECTS`,e[e.IDEMPOTENT=2]=`IDEMPOTENT`})(hr||={});var gr;(function(e){e[e.DEFAULT_SYMBOL_VISIBILITY_UNKNOWN=0]=`DEFAULT_SYMBOL_VISIBILITY_UNKNOWN`,e[e.EXPORT_ALL=1]=`EXPORT_ALL`,e[e.EXPORT_TOP_LEVEL=2]=`EXPORT_TOP_LEVEL`,e[e.LOCAL_ALL=3]=`LOCAL_ALL`,e[e.STRICT=4]=`STRICT`})(gr||={});var _r;(function(e){e[e.FIELD_PRESENCE_UNKNOWN=0]=`FIELD_PRESENCE_UNKNOWN`,e[e.EXPLICIT=1]=`EXPLICIT`,e[e.IMPLICIT=2]=`IMPLICIT`,e[e.LEGACY_REQUIRED=3]=`LEGACY_REQUIRED`})(_r||={});var vr;(function(e){e[e.ENUM_TYPE_UNKNOWN=0]=`ENUM_TYPE_UNKNOWN`,e[e.OPEN=1]=`OPEN`,e[e.CLOSED=2]=`CLOSED`})(vr||={});var yr;(function(e){e[e.REPEATED_FIELD_ENCODING_UNKNOWN=0]=`REPEATED_FIELD_ENCODING_UNKNOWN`,e[e.PACKED=1]=`PACKED`,e[e.EXPANDED=2]=`EXPANDED`})(yr||={});var br;(function(e){e[e.UTF8_VALIDATION_UNKNOWN=0]=`UTF8_VALIDATION_UNKNOWN`,e[e.VERIFY=2]=`VERIFY`,e[e.NONE=3]=`NONE`})(br||={});var xr;(function(e){e[e.MESSAGE_ENCODING_UNKNOWN=0]=`MESSAGE_ENCODING_UNKNOWN`,e[e.LENGTH_PREFIXED=1]=`LENGTH_PREFIXED`,e[e.DELIMITED=2]=`DELIMITED`})(xr||={});var Sr;(function(e){e[e.JSON_FORMAT_UNKNOWN=0]=`JSON_FORMAT_UNKNOWN`,e[e.ALLOW=1]=`ALLOW`,e[e.LEGACY_BEST_EFFORT=2]=`LEGACY_BEST_EFFORT`})(Sr||={});var Cr;(function(e){e[e.ENFORCE_NAMING_STYLE_UNKNOWN=0]=`ENFORCE_NAMING_STYLE_UNKNOWN`,e[e.STYLE2024=1]=`STYLE2024`,e[e.STYLE_LEGACY=2]=`STYLE_LEGACY`})(Cr||={});var wr;(function(e){e[e.NONE=0]=`NONE`,e[e.SET=1]=`SET`,e[e.ALIAS=2]=`ALIAS`})(wr||={});var Tr;(function(e){e[e.EDITION_UNKNOWN=0]=`EDITION_UNKNOWN`,e[e.EDITION_LEGACY=900]=`EDITION_LEGACY`,e[e.EDITION_PROTO2=998]=`EDITION_PROTO2`,e[e.EDITION_PROTO3=999]=`EDITION_PROTO3`,e[e.EDITION_2023=1e3]=`EDITION_2023`,e[e.EDITION_2024=1001]=`EDITION_2024`,e[e.EDITION_UNSTABLE=9999]=`EDITION_UNSTABLE`,e[e.EDITION_1_TEST_ONLY=1]=`EDITION_1_TEST_ONLY`,e[e.EDITION_2_TEST_ONLY=2]=`EDITION_2_TEST_ONLY`,e[e.EDITION_99997_TEST_ONLY=99997]=`EDITION_99997_TEST_ONLY`,e[e.EDITION_99998_TEST_ONLY=99998]=`EDITION_99998_TEST_ONLY`,e[e.EDITION_99999_TEST_ONLY=99999]=`EDITION_99999_TEST_ONLY`,e[e.EDITION_MAX=2147483647]=`EDITION_MAX`})(Tr||={});var Er;(function(e){e[e.VISIBILITY_UNSET=0]=`VISIBILITY_UNSET`,e[e.VISIBILITY_LOCAL=1]=`VISIBILITY_LOCAL`,e[e.VISIBILITY_EXPORT=2]=`VISIBILITY_EXPORT`})(Er||={});function Dr(e){return Object.assign(Object.assign({readUnknownFields:!0,recursionLimit:100},e),{depth:0})}function Or(e,t,n){let r=E(e,void 0,!1);return kr(r,new yt(t),Dr(n),!1,t.byteLength),r.message}function kr(e,t,n,r,i){if(++n.depth>n.recursionLimit)throw Error(`cannot decode ${e.desc} from binary: maximum recursion depth of ${n.recursionLimit} reached`);let a=r?t.len:t.pos+i,o,s,c=e.getUnknown()??[];for(;t.pos<a&&([o,s]=t.tag(),!(r&&s==C.EndGroup));){let r=e.findNumber(o);if(r)Ar(e,t,r,s,n);else{let e=n.recursionLimit-n.depth,r=t.skip(s,o,e);n.readUnknownFields&&c.push({no:o,wireType:s,data:r})}}if(r&&(s!=C.EndGroup||o!==i))throw Error(`invalid end group tag`);c.length>0&&e.setUnknown(c),n.depth--}function Ar(e,t,n,r,i){switch(n.fieldKind){case`scalar`:e.set(n,I(t,n.scalar,n.utf8Validation));break;case`enum`:let a=I(t,m.INT32);if(n.enum.open)e.set(n,a);else if(n.enum.values.some(e=>e.number===a))e.set(n,a);else if(i.readUnknownFields){let t=[];Fe(a,t);let i=e.getUnknown()??[];i.push({no:n.number,wireType:r,data:new Uint8Array(t)}),e.setUnknown(i)}break;case`message`:e.set(n,Nr(t,i,n,e.get(n)));break;case`list`:Mr(t,r,e.get(n),i);break;case`map`:jr(t,e.get(n),i)}}function jr(e,t,n){let r=t.field(),i,a,o=e.uint32(),s=e.pos+o;for(;e.pos<s;){let[t]=e.tag();switch(t){case 1:i=I(e,r.mapKey,r.utf8Validation);break;case 2:switch(r.mapKind){case`scalar`:a=I(e,r.scalar,r.utf8Validation);break;case`enum`:a=e.int32();break;case`message`:a=Nr(e,n,r)}}}if(i===void 0&&(i=g(r.mapKey,!1)),a===void 0)switch(r.mapKind){case`scalar`:a=g(r.scalar,!1);break;case`enum`:a=r.enum.values[0].number;break;case`message`:a=E(r.message,void 0,!1)}t.set(i,a)}function Mr(e,t,n,r){let i=n.field();if(i.listKind===`message`){n.add(Nr(e,r,i));return}let a=i.scalar??m.INT32;if(t!=C.LengthDelimited||a==m.STRING||a==m.BYTES){n.add(I(e,a,i.utf8Validation));return}let o=e.uint32()+e.pos;for(;e.pos<o;)n.add(I(e,a,i.utf8Validation))}function Nr(e,t,n,r){let i=n.delimitedEncoding,a=r??E(n.message,void 0,!1);return kr(a,e,t,i,i?n.number:e.uint32()),a}function I(e,t,n=!1){switch(t){case m.STRING:return e.string(n);case m.BOOL:return e.bool();case m.DOUBLE:return e.double();case m.FLOAT:return e.float();case m.INT32:return e.int32();case m.INT64:return e.int64();case m.UINT64:return e.uint64();case m.FIXED64:return e.fixed64();case m.BYTES:return e.bytes();case m.FIXED32:return e.fixed32();case m.SFIXED32:return e.sfixed32();case m.SFIXED64:return e.sfixed64();case m.SINT64:return e.sint64();case m.UINT32:return e.uint32();case m.SINT32:return e.sint32()}}function L(e,t){let n=Or(or,Qt(e));return n.messageType.forEach(sn),n.dependency=t?.map(e=>e.proto.name)??[],fn(n,e=>t?.find(t=>t.proto.name===e)).getFile(n.name)}var Pr=F(L(btoa(`
google/protobuf/any.protogoogle.protobuf"&
Any
\btype_url (	\r
value (\fBv
com.google.protobufB\bAnyProtoPZ,google.golang.org/protobuf/types/known/anypb¢GPBªGoogle.Protobuf.WellKnownTypesbproto3`)),0),Fr=3,Ir={writeUnknownFields:!0};function Lr(e){return e?Object.assign(Object.assign({},Ir),e):Ir}function Rr(e,t,n){return zr(new vt,Lr(n),E(e,t)).finish()}function zr(e,t,n){for(let r of n.sortedFields)if(n.isSet(r))Br(e,t,n,r);else if(r.presence==Fr)throw Error(`cannot encode ${r} to binary: required field not set`);if(t.writeUnknownFields)for(let{no:t,wireType:r,data:i}of n.getUnknown()??[])e.tag(t,r).raw(i);return e}function Br(e,t,n,r){switch(r.fieldKind){case`scalar`:case`enum`:Vr(e,n.desc.typeName,r.name,r.scalar??m.INT32,r.number,n.get(r));break;case`list`:Ur(e,t,r,n.get(r));break;case`message`:Hr(e,t,r,n.get(r));break;case`map`:for(let[i,a]of n.get(r))Wr(e,t,r,i,a)}}function Vr(e,t,n,r,i,a){Gr(e.tag(i,Kr(r)),t,n,r,a)}function Hr(e,t,n,r){n.delimitedEncoding?zr(e.tag(n.number,C.StartGroup),t,r).tag(n.number,C.EndGroup):zr(e.tag(n.number,C.LengthDelimited).fork(),t,r).join()}function Ur(e,t,n,r){if(n.listKind==`message`){for(let i of r)Hr(e,t,n,i);return}let i=n.scalar??m.INT32;if(n.packed){if(!r.size)return;e.tag(n.number,C.LengthDelimited).fork();for(let t of r)Gr(e,n.parent.typeName,n.name,i,t);e.join()}else for(let t of r)Vr(e,n.parent.typeName,n.name,i,n.number,t)}function Wr(e,t,n,r,i){switch(e.tag(n.number,C.LengthDelimited).fork(),Vr(e,n.parent.typeName,n.name,n.mapKey,1,r),n.mapKind){case`scalar`:case`enum`:Vr(e,n.parent.typeName,n.name,n.scalar??m.INT32,2,i);break;case`message`:zr(e.tag(2,C.LengthDelimited).fork(),t,i).join()}e.join()}function Gr(e,t,n,r,i){try{switch(r){case m.STRING:e.string(i);break;case m.BOOL:e.bool(i);break;case m.DOUBLE:e.double(i);break;case m.FLOAT:e.float(i);break;case m.INT32:e.int32(i);break;case m.INT64:e.int64(i);break;case m.UINT64:e.uint64(i);break;case m.FIXED64:e.fixed64(i);break;case m.BYTES:e.bytes(i);break;case m.FIXED32:e.fixed32(i);break;case m.SFIXED32:e.sfixed32(i);break;case m.SFIXED64:e.sfixed64(i);break;case m.SINT64:e.sint64(i);break;case m.UINT32:e.uint32(i);break;case m.SINT32:e.sint32(i)}}catch(e){throw e instanceof Error?Error(`cannot encode field ${t}.${n} to binary: ${e.message}`):e}}function Kr(e){switch(e){case m.BYTES:case m.STRING:return C.LengthDelimited;case m.DOUBLE:case m.FIXED64:case m.SFIXED64:return C.Bit64;case m.FIXED32:case m.SFIXED32:case m.FLOAT:return C.Bit32;default:return C.Varint}}function qr(e,t,n){let r=!1;return n||(n=x(Pr),r=!0),n.value=Rr(e,t),n.typeUrl=Xr(t.$typeName),r?n:void 0}function Jr(e,t){return e.typeUrl!==``&&(typeof t==`string`?t:t.typeName)===Zr(e.typeUrl)}function Yr(e,t){if(e.typeUrl===``)return;let n=t.kind==`message`?t:t.getMessage(Zr(e.typeUrl));if(n&&Jr(e,n))return Or(n,e.value)}function Xr(e){return`type.googleapis.com/${e}`}function Zr(e){let t=e.lastIndexOf(`/`),n=t>=0?e.substring(t+1):e;if(!n.length)throw Error(`invalid type url: ${e}`);return n}var Qr=L(btoa(`
google/protobuf/struct.protogoogle.protobuf"
Struct3
fields (\v2#.google.protobuf.Struct.FieldsEntryE
\vFieldsEntry\v
key (	%
value (\v2.google.protobuf.Value:8"ê
Value0

null_value (2.google.protobuf.NullValueH\0
\fnumber_value (H\0
\fstring_value (	H\0

bool_value (\bH\0/
\fstruct_value (\v2.google.protobuf.StructH\00

list_value (\v2.google.protobuf.ListValueH\0B
kind"3
	ListValue&
values (\v2.google.protobuf.Value*\x1B
	NullValue

NULL_VALUE\0B
com.google.protobufB\vStructProtoPZ/google.golang.org/protobuf/types/known/structpbø¢GPBªGoogle.Protobuf.WellKnownTypesbproto3`)),$r=F(Qr,0),ei=F(Qr,1),ti=F(Qr,2),ni;(function(e){e[e.NULL_VALUE=0]=`NULL_VALUE`})(ni||={});function ri(e,t,n){si(t,e);let r=ai(e.$unknown,t),[i,a,o]=oi(t),s=Dr(n);for(let e of r)Ar(i,new yt(e.data),a,e.wireType,s);return o()}function ii(e,t,n){si(t,e);let r=(e.$unknown??[]).filter(e=>e.no!==t.number),[i,a]=oi(t,n),o=new vt;Br(o,{writeUnknownFields:!0},i,a);let s=new yt(o.finish());for(;s.pos<s.len;){let[e,t]=s.tag(),n=s.skip(t,e);r.push({no:e,wireType:t,data:n})}e.$unknown=r}function ai(e,t){if(e===void 0)return[];if(t.fieldKind===`enum`||t.fieldKind===`scalar`){for(let n=e.length-1;n>=0;--n)if(e[n].no==t.number)return[e[n]];return[]}return e.filter(e=>e.no===t.number)}function oi(e,t){let n=e.typeName,r=Object.assign(Object.assign({},e),{kind:`field`,parent:e.extendee,localName:n}),i=Object.assign(Object.assign({},e.extendee),{fields:[r],members:[r],oneofs:[]}),a=x(i,t===void 0?void 0:{[n]:t});return[E(i,a),r,()=>{let t=a[n];if(t===void 0){let t=e.message;return b(t)?g(t.fields[0].scalar,t.fields[0].longAsString):x(t)}return t}]}function si(e,t){if(e.extendee.typeName!=t.$typeName)throw Error(`extension ${e.typeName} can only be applied to message ${e.extendee.typeName}`)}var ci=3,li=2,ui={alwaysEmitImplicit:!1,enumAsInteger:!1,useProtoFieldName:!1};function di(e){return e?Object.assign(Object.assign({},ui),e):ui}function fi(e,t,n){return R(E(e,t),di(n))}function pi(e,t,n){let r=fi(e,t,n);return JSON.stringify(r,null,n?.prettySpaces??0)}function R(e,t){let n=bi(e,t);if(n!==void 0)return n;let r={};for(let n of e.sortedFields){if(!e.isSet(n)){if(n.presence==ci)throw Error(`cannot encode ${n} to JSON: required field not set`);if(!t.alwaysEmitImplicit||n.presence!==li)continue}let i=mi(n,e.get(n),t);i!==void 0&&(r[yi(n,t)]=i)}if(t.registry){let n=new Set;for(let{no:i}of e.getUnknown()??[])if(!n.has(i)){n.add(i);let a=t.registry.getExtensionFor(e.desc,i);if(!a)continue;let[o,s]=oi(a,ri(e.message,a)),c=mi(s,o.get(s),t);c!==void 0&&(r[a.jsonName]=c)}}return r}function mi(e,t,n){switch(e.fieldKind){case`scalar`:return vi(e,t);case`message`:return R(t,n);case`enum`:return _i(e.enum,t,n.enumAsInteger);case`list`:return gi(t,n);case`map`:return hi(t,n)}}function hi(e,t){let n=e.field(),r={};switch(n.mapKind){case`scalar`:for(let[t,i]of e)r[t]=vi(n,i);break;case`message`:for(let[n,i]of e)r[n]=R(i,t);break;case`enum`:for(let[i,a]of e)r[i]=_i(n.enum,a,t.enumAsInteger)}return t.alwaysEmitImplicit||e.size>0?r:void 0}function gi(e,t){let n=e.field(),r=[];switch(n.listKind){case`scalar`:for(let t of e)r.push(vi(n,t));break;case`enum`:for(let i of e)r.push(_i(n.enum,i,t.enumAsInteger));break;case`message`:for(let n of e)r.push(R(n,t))}return t.alwaysEmitImplicit||r.length>0?r:void 0}function _i(e,t,n){if(typeof t!=`number`)throw Error(`cannot encode ${e} to JSON: expected number, got ${T(t)}`);return e.typeName==`google.protobuf.NullValue`?null:n?t:e.value[t]?.name??t}function vi(e,t){switch(e.scalar){case m.INT32:case m.SFIXED32:case m.SINT32:case m.FIXED32:case m.UINT32:if(typeof t!=`number`)throw Error(`cannot encode ${e} to JSON: ${w(e,t)?.message}`);return t;case m.FLOAT:case m.DOUBLE:if(typeof t!=`number`)throw Error(`cannot encode ${e} to JSON: ${w(e,t)?.message}`);return Number.isNaN(t)?`NaN`:t===1/0?`Infinity`:t===-1/0?`-Infinity`:t;case m.STRING:if(typeof t!=`string`)throw Error(`cannot encode ${e} to JSON: ${w(e,t)?.message}`);return t;case m.BOOL:if(typeof t!=`boolean`)throw Error(`cannot encode ${e} to JSON: ${w(e,t)?.message}`);return t;case m.UINT64:case m.FIXED64:case m.INT64:case m.SFIXED64:case m.SINT64:if(typeof t==`bigint`||typeof t==`string`||typeof t==`number`&&Number.isInteger(t))return t.toString();throw Error(`cannot encode ${e} to JSON: ${w(e,t)?.message}`);case m.BYTES:if(t instanceof Uint8Array)return $t(t);throw Error(`cannot encode ${e} to JSON: ${w(e,t)?.message}`)}}function yi(e,t){return t.useProtoFieldName?e.name:e.jsonName}function bi(e,t){if(e.desc.typeName.startsWith(`google.protobuf.`))switch(e.desc.typeName){case`google.protobuf.Any`:return xi(e.message,t);case`google.protobuf.Timestamp`:return Di(e.message);case`google.protobuf.Duration`:return Si(e.message);case`google.protobuf.FieldMask`:return Ci(e.message);case`google.protobuf.Struct`:return wi(e.message);case`google.protobuf.Value`:return Ti(e.message);case`google.protobuf.ListValue`:return Ei(e.message);default:if(b(e.desc)){let t=e.desc.fields[0];return vi(t,e.get(t))}return}}function xi(e,t){if(e.typeUrl===``)return{};let{registry:n}=t,r,i;if(n&&(r=Yr(e,n),r&&(i=n.getMessage(r.$typeName))),!i||!r)throw Error(`cannot encode message ${e.$typeName} to JSON: "${e.typeUrl}" is not in the type registry`);let a=E(i,r),o=Ze(i)?{value:bi(a,t)}:R(a,t);return o[`@type`]=e.typeUrl,o}function Si(e){let t=Number(e.seconds),n=e.nanos;if(t>315576e6||t<-315576e6)throw Error(`cannot encode message ${e.$typeName} to JSON: value out of range`);if(t>0&&n<0||t<0&&n>0)throw Error(`cannot encode message ${e.$typeName} to JSON: nanos sign must match seconds sign`);let r=e.seconds.toString();if(n!==0){let e=Math.abs(n).toString();e=`0`.repeat(9-e.length)+e,e.substring(3)===`000000`?e=e.substring(0,3):e.substring(6)===`000`&&(e=e.substring(0,6)),r+=`.`+e,n<0&&t==0&&(r=`-`+r)}return r+`s`}function Ci(e){return e.paths.map(t=>{if(an(O(t))!==t)throw Error(`cannot encode message ${e.$typeName} to JSON: lowerCamelCase of path name "${t}" is irreversible`);return O(t)}).join(`,`)}function wi(e){let t={};for(let[n,r]of Object.entries(e.fields))t[n]=Ti(r);return t}function Ti(e){switch(e.kind.case){case`nullValue`:return null;case`numberValue`:if(!Number.isFinite(e.kind.value))throw Error(`${e.$typeName} cannot be NaN or Infinity`);return e.kind.value;case`boolValue`:return e.kind.value;case`stringValue`:return e.kind.value;case`structValue`:return wi(e.kind.value);case`listValue`:return Ei(e.kind.value);default:throw Error(`${e.$typeName} must have a value`)}}function Ei(e){return e.values.map(Ti)}function Di(e){let t=Number(e.seconds)*1e3;if(t<Date.parse(`0001-01-01T00:00:00Z`)||t>Date.parse(`9999-12-31T23:59:59Z`))throw Error(`cannot encode message ${e.$typeName} to JSON: must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z inclusive`);if(e.nanos<0)throw Error(`cannot encode message ${e.$typeName} to JSON: nanos must not be negative`);if(e.nanos>999999999)throw Error(`cannot encode message ${e.$typeName} to JSON: nanos must not be greater than 99999999`);let n=`Z`;if(e.nanos>0){let t=(e.nanos+1e9).toString().substring(1);n=t.substring(3)===`000000`?`.`+t.substring(0,3)+`Z`:t.substring(6)===`000`?`.`+t.substring(0,6)+`Z`:`.`+t+`Z`}return new Date(t).toISOString().replace(`.000Z`,n)}function Oi(e){return Object.assign(Object.assign({ignoreUnknownFields:!1,recursionLimit:100},e),{depth:0})}function ki(e,t,n){return Ai(e,qi(t,e.typeName),n)}function Ai(e,t,n){let r=E(e);try{Ni(r,t,Oi(n))}catch(e){throw ht(e)?Error(`cannot decode ${e.field()} from JSON: ${e.message}`,{cause:e}):e}return r.message}var ji=new WeakMap;function Mi(e,t){if(!ji.has(e)){let t=new Map;for(let n of e.fields)t.set(n.name,n).set(n.jsonName,n);ji.set(e,t)}return ji.get(e)?.get(t)}function Ni(e,t,n){if(++n.depth>n.recursionLimit)throw Error(`cannot decode ${e.desc} from JSON: maximum recursion depth of ${n.recursionLimit} reached`);if(Yi(e,t,n)){n.depth--;return}if(t==null||Array.isArray(t)||typeof t!=`object`)throw Error(`cannot decode ${e.desc} from JSON: ${T(t)}`);let r=new Map,i=new Set;for(let[a,o]of Object.entries(t)){let t=Mi(e.desc,a);if(t){if(i.has(t))throw new S(t,`set multiple times`);if(i.add(t),t.oneof&&o===null&&t.fieldKind==`scalar`)continue;if(t.oneof){let e=r.get(t.oneof);if(e!==void 0)throw new S(t.oneof,`oneof set multiple times by ${e.name} and ${t.name}`);r.set(t.oneof,t)}Pi(e,t,o,n)}else{let t;if(a.startsWith(`[`)&&a.endsWith(`]`)&&(t=n.registry?.getExtension(a.substring(1,a.length-1)))&&t.extendee.typeName===e.desc.typeName){let[r,i,a]=oi(t);Pi(r,i,o,n),ii(e.message,t,a())}if(!t&&!n.ignoreUnknownFields)throw Error(`cannot decode ${e.desc} from JSON: key "${a}" is unknown`)}}n.depth--}function Pi(e,t,n,r){switch(t.fieldKind){case`scalar`:Bi(e,t,n);break;case`enum`:zi(e,t,n,r);break;case`message`:Ri(e,t,n,r);break;case`list`:Li(e.get(t),n,r);break;case`map`:Ii(e.get(t),n,r)}}function Fi(e,t,n){if(e.scalar&&t!==null)return Wi(e,t);if(e.message&&!Vi(e,t)){let r=E(e.message);return Ni(r,t,n),r}if(e.enum&&!Vi(e,t))return Ui(e.enum,t,n.ignoreUnknownFields);throw new S(e,`${e.fieldKind===`list`?`list item`:`map value`} must not be null`)}function Ii(e,t,n){if(t===null)return;let r=e.field();if(typeof t!=`object`||Array.isArray(t))throw new S(r,`expected object, got `+T(t));let i=new Set;for(let[a,o]of Object.entries(t)){let t=Gi(r.mapKey,a);if(i.has(t))throw new S(r,`duplicate map key "${a}"`);i.add(t);let s=Fi(r,o,n);s!==Hi&&e.set(t,s)}}function Li(e,t,n){if(t===null)return;let r=e.field();if(!Array.isArray(t))throw new S(r,`expected Array, got `+T(t));for(let i of t){let t=Fi(r,i,n);t!==Hi&&e.add(t)}}function Ri(e,t,n,r){if(Vi(t,n)){e.clear(t);return}let i=e.isSet(t)?e.get(t):E(t.message);Ni(i,n,r),e.set(t,i)}function zi(e,t,n,r){if(Vi(t,n)){e.clear(t);return}let i=Ui(t.enum,n,r.ignoreUnknownFields);i!==Hi&&e.set(t,i)}function Bi(e,t,n){n===null?e.clear(t):e.set(t,Wi(t,n))}function Vi(e,t){return t===null&&e.message?.typeName!=`google.protobuf.Value`&&e.enum?.typeName!=`google.protobuf.NullValue`}var Hi=Symbol();function Ui(e,t,n){if(t===null)return e.values[0].number;switch(typeof t){case`number`:if(Number.isInteger(t))return t;break;case`string`:let r=e.values.find(e=>e.name===t);if(r!==void 0)return r.number;if(n)return Hi}throw Error(`cannot decode ${e} from JSON: ${T(t)}`)}function Wi(e,t){switch(e.scalar){case m.DOUBLE:case m.FLOAT:if(t===`NaN`)return NaN;if(t===`Infinity`)return 1/0;if(t===`-Infinity`)return-1/0;if(typeof t==`number`){if(Number.isNaN(t))throw new S(e,`unexpected NaN number`);if(!Number.isFinite(t))throw new S(e,`unexpected infinite number`);break}if(typeof t==`string`){if(t===``||t.trim().length!==t.length)break;let e=Number(t);if(!Number.isFinite(e))break;return e}break;case m.INT32:case m.FIXED32:case m.SFIXED32:case m.SINT32:case m.UINT32:return Ki(t);case m.BYTES:if(typeof t==`string`){if(t===``)return new Uint8Array;try{return Qt(t)}catch(t){throw new S(e,t instanceof Error?t.message:String(t))}}}return t}function Gi(e,t){switch(e){case m.BOOL:switch(t){case`true`:return!0;case`false`:return!1}return t;case m.INT32:case m.FIXED32:case m.UINT32:case m.SFIXED32:case m.SINT32:return Ki(t);case m.INT64:case m.SINT64:case m.SFIXED64:case m.UINT64:case m.FIXED64:return/^-?0+$/.test(t)?`0`:t.replace(/^(-?)0+(?=\d)/,`$1`);default:return t}}function Ki(e){if(typeof e==`string`){if(e===``||e.trim().length!==e.length)return e;let t=Number(e);return Number.isNaN(t)?e:t}return e}function qi(e,t){let n;try{n=JSON.parse(e)}catch(e){let n=e instanceof Error?e.message:String(e);throw Error(`cannot decode message ${t} from JSON: ${n}`,{cause:e})}return Ji(e,t),n}function Ji(e,t){let n=[],r=!1,i=0;for(;i<e.length;)switch(e[i]){case`{`:n.push(new Set),r=!0,i++;break;case`[`:n.push(null),r=!1,i++;break;case`}`:case`]`:n.pop(),r=!1,i++;break;case`,`:r=n[n.length-1]!=null,i++;break;case`:`:r=!1,i++;break;case`"`:{let a=i++,o=!1;for(;i<e.length;)if(e[i]==`\\`)o=!0,i+=2;else{if(e[i]==`"`)break;i++}let s=i++,c=n[n.length-1];if(r&&c){let n=o?JSON.parse(e.substring(a,s+1)):e.substring(a+1,s);if(c.has(n))throw Error(`cannot decode message ${t} from JSON: duplicate object key "${n}"`);c.add(n)}r=!1;break}default:i++}}function Yi(e,t,n){if(!e.desc.typeName.startsWith(`google.protobuf.`))return!1;switch(e.desc.typeName){case`google.protobuf.Any`:return Xi(e.message,t,n),!0;case`google.protobuf.Timestamp`:return Zi(e.message,t),!0;case`google.protobuf.Duration`:return Qi(e.message,t),!0;case`google.protobuf.FieldMask`:return $i(e.message,t),!0;case`google.protobuf.Struct`:return ea(e.message,t,n),!0;case`google.protobuf.Value`:return ta(e.message,t,n),!0;case`google.protobuf.ListValue`:return na(e.message,t,n),!0;default:if(b(e.desc)){let n=e.desc.fields[0];return t===null?e.clear(n):e.set(n,Wi(n,t)),!0}return!1}}function Xi(e,t,n){if(t===null||Array.isArray(t)||typeof t!=`object`)throw Error(`cannot decode message ${e.$typeName} from JSON: expected object but got ${T(t)}`);if(Object.keys(t).length==0)return;let r=t[`@type`];if(typeof r!=`string`||r==``)throw Error(`cannot decode message ${e.$typeName} from JSON: "@type" is empty`);let i=r.includes(`/`)?r.substring(r.lastIndexOf(`/`)+1):r;if(!i.length)throw Error(`cannot decode message ${e.$typeName} from JSON: "@type" is invalid`);let a=n.registry?.getMessage(i);if(!a)throw Error(`cannot decode message ${e.$typeName} from JSON: ${r} is not in the type registry`);let o=E(a);if(Ze(a)&&Object.prototype.hasOwnProperty.call(t,`value`)){let e=t.value;Ni(o,e,n)}else{let e=Object.assign({},t);delete e[`@type`],Ni(o,e,n)}qr(o.desc,o.message,e)}function Zi(e,t){if(typeof t!=`string`)throw Error(`cannot decode message ${e.$typeName} from JSON: ${T(t)}`);let n=t.match(/^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-][0-9][0-9]:[0-9][0-9]))$/);if(!n)throw Error(`cannot decode message ${e.$typeName} from JSON: invalid RFC 3339 string`);let r=Date.parse(n[1]+`-`+n[2]+`-`+n[3]+`T`+n[4]+`:`+n[5]+`:`+n[6]+(n[8]?n[8]:`Z`));if(Number.isNaN(r))throw Error(`cannot decode message ${e.$typeName} from JSON: invalid RFC 3339 string`);if(r<Date.parse(`0001-01-01T00:00:00Z`)||r>Date.parse(`9999-12-31T23:59:59Z`))throw Error(`cannot decode message ${e.$typeName} from JSON: must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z inclusive`);e.seconds=h.parse(r/1e3),e.nanos=0,n[7]&&(e.nanos=parseInt(`1`+n[7]+`0`.repeat(9-n[7].length))-1e9)}function Qi(e,t){if(typeof t!=`string`)throw Error(`cannot decode message ${e.$typeName} from JSON: ${T(t)}`);let n=t.match(/^(-?[0-9]+)(?:\.([0-9]+))?s/);if(n===null)throw Error(`cannot decode message ${e.$typeName} from JSON: ${T(t)}`);let r=Number(n[1]);if(r>315576e6||r<-315576e6)throw Error(`cannot decode message ${e.$typeName} from JSON: ${T(t)}`);if(e.seconds=h.parse(r),typeof n[2]!=`string`)return;let i=n[2]+`0`.repeat(9-n[2].length);e.nanos=parseInt(i),(r<0||Object.is(r,-0))&&(e.nanos=-e.nanos)}function $i(e,t){if(typeof t!=`string`)throw Error(`cannot decode message ${e.$typeName} from JSON: ${T(t)}`);t!==``&&(e.paths=t.split(`,`).map(t=>{if(t.includes(`_`))throw Error(`cannot decode message ${e.$typeName} from JSON: path names must be lowerCamelCase`);return an(t)}))}function ea(e,t,n){if(typeof t!=`object`||!t||Array.isArray(t))throw Error(`cannot decode message ${e.$typeName} from JSON ${T(t)}`);for(let[r,i]of Object.entries(t)){let t=x(ei);ta(t,i,n),e.fields[r]=t}}function ta(e,t,n){if(++n.depth>n.recursionLimit)throw Error(`cannot decode ${e.$typeName} from JSON: maximum recursion depth of ${n.recursionLimit} reached`);switch(typeof t){case`number`:e.kind={case:`numberValue`,value:t};break;case`string`:e.kind={case:`stringValue`,value:t};break;case`boolean`:e.kind={case:`boolValue`,value:t};break;case`object`:if(t===null)e.kind={case:`nullValue`,value:ni.NULL_VALUE};else if(Array.isArray(t)){let r=x(ti);na(r,t,n),e.kind={case:`listValue`,value:r}}else{let r=x($r);ea(r,t,n),e.kind={case:`structValue`,value:r}}break;default:throw Error(`cannot decode message ${e.$typeName} from JSON ${T(t)}`)}return n.depth--,e}function na(e,t,n){if(!Array.isArray(t))throw Error(`cannot decode message ${e.$typeName} from JSON ${T(t)}`);for(let r of t){let t=x(ei);ta(t,r,n),e.values.push(t)}}var z=L(btoa(`
desk/v1/ticket.proto\x07desk.v1"x
VisitorIdentified\f
from (	
thread (	
\x07contact (	
\fcontact_name (	
\x07earlier (	\r
email (	":
IdentifyVisitor'
who (\v2.desk.v1.VisitorIdentified"2
UnreadNotMailed
\bmessages (	\r
cause (	"4
VisitorAddressGiven
\x07address (	\f
name (	"k
ConversationRated\r
score (\r
\x07comment (	\r
scale (	

by (	\r
agent (	\f
team (	"/
	ChatEnded

transcript (	
rating (	"
\fAfterLeaving$
unread (\v2.desk.v1.UnreadReply"
mails (\v2.desk.v1.UnreadMail
\fmail_channel (	
	mail_from (	
\x07by_mail (\b
\x07address (	
after_close_ms\x07 (
	end_at_ms\b ()
rated	 (\v2.desk.v1.ConversationRated
\vrated_at_ms
 ("E
\vUnreadReply
\x07message (	

mail_at_ms (
	delivered (\b"?

UnreadMail
\x07message (	
\x07channel (	
\x07carries (	*¥
\fTicketStatus
TICKET_STATUS_UNSPECIFIED\0
TICKET_STATUS_NEW
\x1BTICKET_STATUS_WAITING_ON_US$
 TICKET_STATUS_WAITING_ON_CONTACT
TICKET_STATUS_CLOSED*
\rCapacityGroup
CAPACITY_GROUP_UNSPECIFIED\0
CAPACITY_GROUP_CALLS
CAPACITY_GROUP_MESSAGING
CAPACITY_GROUP_EMAIL*s
\bPriority
PRIORITY_UNSPECIFIED\0
\fPRIORITY_LOW
PRIORITY_NORMAL
\rPRIORITY_HIGH
PRIORITY_URGENTB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`)),ra=L(btoa(`
desk/v1/agent.proto\x07desk.v1"Ô

AgentAdded\r
email (	\f
name (	\x1B
role (2\r.desk.v1.Role\f
seat (\b
\bcapacity (
access
 (2.desk.v1.Access
skills\r (	
\rsecond_skills (	$
limits (\v2.desk.v1.GroupLimits">
\vGroupLimits\r
calls (
	messaging (\r
email ("
\fAgentChanged\f
name (	\x1B
role (2\r.desk.v1.Role\f
seat (\b
\bcapacity (
\vdeactivated (\b
\rworking_hours (	
\bholidays\x07 (	
access
 (2.desk.v1.Access
skills\r (	
\rsecond_skills (	$
limits (\v2.desk.v1.GroupLimits" 
AgentPasswordSet\f
hash (	"K
\rSessionOpened
\x07session (	
\rexpires_at_ms (

user_agent (	" 
\rSessionClosed
\x07session (	"-
\vSessionSeen
\x07session (	\r
at_ms ("E
AgentPreferencesSet.
\vpreferences (\v2.desk.v1.AgentPreferences"Ñ
AgentPreferences
\blanguage (	\r
theme (	
\vshown_email (	
	signature (	
undo_send_seconds (1
\rnotifications (\v2.desk.v1.NotificationRules
\x07columns\x07 (	
\rno_owner_mail\b (\b"
NotificationRules
\x07desktop (\b\r
sound (\b
quiet_when_away (\b\r
muted (	
\rmuted_tickets (	
muted_channels (	"L
\fTwoFactorSet
\rsealed_secret (\f
recovery_hashes (	\f
step ("
TwoFactorCleared"7
SecondFactorUsed\f
step (
\rrecovery_hash (	"S
AvailabilityChanged
	available (\b
reason (	

by (	\r
cause (	"$
PresenceChanged
	connected (\b"Q
NotificationsSeen
\buntil_ms (B
\bposition (
\fconversation (	"0
RecoveryCodesReplaced
recovery_hashes (	"A
OutOfOfficeSet
\x07from_ms (\r
to_ms (
\x07message (	"p
AvailabilityPlanned
	scheduled (\b
	available (\b\r
cause (	$
edges (\v2.desk.v1.ScheduleEdge"?
\fScheduleEdge\r
at_ms (
	available (\b\r
cause (	"!
Turn

of (	\r
round ("
\x07Absence
\x07version (
\bsince_ms (
\bposition (
off_ms (
	seat_lost (
due_ms (
missed\x07 (\r" 
AbsencePlanned
due_ms ("-
\fOffersMissed
missed (\r\r
at_ms6 ("B
	PlaceSize%
group (2.desk.v1.CapacityGroup
weight ("¶
\rPlaceReserved
\vreservation (	
\fconversation (	
\buntil_ms (\x1B
ignore_availability (\b\x1B
turn (\v2\r.desk.v1.Turn 
size (\v2.desk.v1.PlaceSize\f
live (\b"

PlaceTaken
\fconversation (	
\vreservation (	
conversation_version ( 
size (\v2.desk.v1.PlaceSize
was (\v2.desk.v1.PlaceSize"
\fPlaceWeighed
\fconversation (	
conversation_version ( 
size (\v2.desk.v1.PlaceSize
was (\v2.desk.v1.PlaceSize"£

PlaceFreed
\fconversation (	
\vreservation (	\r
cause (	
conversation_version (\x1B
turn (\v2\r.desk.v1.Turn 
size (\v2.desk.v1.PlaceSize"
\vNoteSession
\x07session (	"%
CloseOtherSessions
\x07session (	"E
SetAgentPreferences.
\vpreferences (\v2.desk.v1.AgentPreferences"L
\fSetTwoFactor
\rsealed_secret (\f
recovery_hashes (	\f
step ("
ClearTwoFactor"6
UseSecondFactor\f
step (
\rrecovery_hash (	"A
SetOutOfOffice
\x07from_ms (\r
to_ms (
\x07message (	"<
FollowSchedule*
plan (\v2.desk.v1.AvailabilityPlanned"!
\fNotePresence
	connected (\b"P
SeeNotifications
\buntil_ms (B
\bposition (
\fconversation (	"/
ReplaceRecoveryCodes
recovery_hashes (	"Å
\fReservePlace
\vreservation (	
\fconversation (	
\buntil_ms (\x1B
ignore_availability (\b\x1B
turn (\v2\r.desk.v1.Turn 
size (\v2.desk.v1.PlaceSize\f
live (\b
skills< (	"v
	TakePlace
\fconversation (	
\vreservation (	
conversation_version ( 
size (\v2.desk.v1.PlaceSize"4
\vWeighPlaces%
\x07tickets (\v2.desk.v1.OwnedTicket"c
	FreePlace
\fconversation (	
\vreservation (	\r
cause (	
conversation_version ("
LapseReservations"8
ReconcilePlaces%
\x07tickets (\v2.desk.v1.OwnedTicket"V
\vOwnedTicket
\fconversation (	
\x07version ( 
size (\v2.desk.v1.PlaceSize".
\vRuleVersion
stream (	
\x07version ("
\vPlanAbsence
due_ms (";

CountOffer\r
taken (\b\f
most (
\bgiven_ms6 (*Y
Role
ROLE_UNSPECIFIED\0

ROLE_AGENT
ROLE_ADMINISTRATOR
ROLE_SUPERVISOR*Q
Access
ACCESS_UNSPECIFIED\0

ACCESS_ALL
\vACCESS_TEAM

ACCESS_OWNB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[z]),ia=L(btoa(`
desk/v1/routing.proto\x07desk.v1".
\rRoutingWeight\r
agent (	
weight ("
\vRoutingRule"
mode (2.desk.v1.RoutingMode
agents (	\r
teams (	\x1B
ignore_availability (\b&
policy (2.desk.v1.RoutingPolicy
sticky (\b'
\x07weights\x07 (\v2.desk.v1.RoutingWeight#
steps
 (\v2.desk.v1.RoutingStep*
\boverflow\v (\v2.desk.v1.RoutingOverflow
skills\f (	)
\bdefaults\r (\v2.desk.v1.TicketDefaults$
owners (\v2.desk.v1.OwnerPolicy"
\vOwnerPolicy 
away (2.desk.v1.OwnerAway
\rafter_seconds ((
\breopened (2.desk.v1.OwnerReopened
\roffer_seconds (
\vmost_missed ("¬
Tenure
\bposition (
\bacted_ms (
\breopened (

take_by_ms (
missed (	\r
round (
passes6 (
\bgiven_ms7 (
passed_given_ms8 ("
\vRoutingStep

id (	\f
name (	\v
off (\b(
when (\v2.desk.v1.RoutingConditions"
then (\v2.desk.v1.RoutingRule\f
stay (\b"l
RoutingConditions
ticket (	
\x07contact (	\r
words (	
\fsubject_only (\b
	languages (	"6
RoutingOverflow\f
team (	
\rafter_seconds ("
TicketDefaults#
\bpriority (2.desk.v1.Priority\f
tags (	\f
team (	
	team_name (	
\bpipeline (	\r
stage (	

stage_name\x07 (	+
\fstage_status\b (2.desk.v1.TicketStatus,

properties	 (\v2.desk.v1.PropertyDefault
answer_within_minutes ("2
PropertyDefault
\bproperty (	\r
value (	"6
\bRuleMiss\f
rule (	\f
name (	
failed (	"K
	Candidate\r
agent (	
\x07verdict (	\f
load (
\bcapacity ("
AssignmentReason\f
code (	\f
text (	&

candidates (\v2.desk.v1.Candidate

considered (\r
owner
 (	\f
rule\v (	
	rule_name\f (	\r
teams\r (	
\fwidens_at_ms (!
missed (\v2.desk.v1.RuleMiss
\x07away_ms (\f
from (	
\buntil_msP ("
AssignmentWidened"*

OfferEnded\r
agent (	\r
taken (\b"§
\bTakeBack\r
agent (	
\fseen_version (
\ragent_version ()
reason (\v2.desk.v1.AssignmentReason%
\x07channel (\v2.desk.v1.RuleVersion\r
offer (\b"\v
	TakeOffer*
\vRoutingMode
ROUTING_MODE_UNSPECIFIED\0
ROUTING_MODE_NOBODY 
ROUTING_MODE_USERS_AND_TEAMS
ROUTING_MODE_CONTACT_OWNER*é
\rRoutingPolicy
ROUTING_POLICY_UNSPECIFIED\0
\x1BROUTING_POLICY_LEAST_LOADED
ROUTING_POLICY_LEAST_SHARE
ROUTING_POLICY_ROUND_ROBIN\x1B
ROUTING_POLICY_WEIGHTED
\x1BROUTING_POLICY_LONGEST_IDLE
ROUTING_POLICY_RANDOM*n
	OwnerAway
OWNER_AWAY_UNSPECIFIED\0
OWNER_AWAY_KEEP
OWNER_AWAY_REQUEUE
OWNER_AWAY_HAND_OVER*
\rOwnerReopened
OWNER_REOPENED_UNSPECIFIED\0
OWNER_REOPENED_KEEP
\x1BOWNER_REOPENED_IF_AVAILABLE
OWNER_REOPENED_REQUEUEB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[ra,z]),aa=L(btoa(`
desk/v1/bot.proto\x07desk.v1"¹
\vChatEntered\f
flow (	
	flow_name (	\f
page (	$
\x07answers (\v2.desk.v1.FormAnswer
\x07consent (	
\fconsent_text (	
consent_version\x07 (	
\rconsent_at_ms\b ("6

FormAnswer

id (	\r
label (	\r
value (	"m

BotStarted\f
flow (	
	flow_name (	\v
bot (	
avatar (	!
stands (\v2.desk.v1.BotState"
\bBotState\f
step (	\r
tries (\r\r
asked (\r/
\x07answers (\v2.desk.v1.BotState.AnswersEntry.
\fAnswersEntry\v
key (	\r
value (	:8"\x1B
\bBotHeard
\x07message (	"O

BotStepped
\x07message (	!
stands (\v2.desk.v1.BotState\r
email (	"y
\bBotEnded\r
cause (	

by (	
\x07by_name (	"
rule (\v2.desk.v1.RoutingRule\f
away (\b
\x07unheard (	"R

BotOpening$
\x07started (\v2.desk.v1.BotStarted
says (\v2.desk.v1.BotSaid"(
\x07BotSaid\f
text (	
\x07choices (	"
\vTakeBotTurn
\x07message (	\f
turn (\r
says (\v2.desk.v1.BotSaid!
stands (\v2.desk.v1.BotState\r
email (	\f
name (	(
ticket\x07 (\v2.desk.v1.PropertyDefault)
\x07contact\b (\v2.desk.v1.PropertyDefault
over	 (\v2.desk.v1.BotEnded\r
close
 (\bB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[ia]),oa=L(btoa(`
desk/v1/channel.proto\x07desk.v1")
ChannelSwitched

on (\b

by (	"$
ChannelCursorMoved
cursor (	"Z
ChannelHealthChanged#
state (2.desk.v1.HealthState
reason (	\r
known (\b"a
ItemQuarantined\f
item (	\r
cause (	
\braw_blob (	
\x07summary (	
folder2 (	"9
\fItemReleased\f
item (	
\x07outcome (	

by (	"l
\rImportStarted
\bsince_ms (
\buntil_ms (\r
inbox (\b\f
sent (\b

by (	
folder( (	"j
\vImportMoved
cursor (	\r
total (\r\r
taken (\r\r
known (\r\r
aside (\r
\x07skipped (\r">
ImportSwitched 
to (2.desk.v1.ImportState

by (	"
Import'
\x07started (\v2.desk.v1.ImportStarted&
\bprogress (\v2.desk.v1.ImportMoved#
state (2.desk.v1.ImportState

changed_ms ("Y
\bImported\f
sent (\b\r
agent (	

agent_name (	\v
now2 (\b
\x07outside3 (	"\x1B
\rSwitchChannel

on (\b"#
MoveChannelCursor
cursor (	"Y
ReportChannelHealth#
state (2.desk.v1.HealthState
reason (	\r
known (\b"8
QuarantineItem&
item (\v2.desk.v1.ItemQuarantined",
\vReleaseItem\f
item (	
\x07outcome (	"5
\vStartImport&
import (\v2.desk.v1.ImportStarted"F

MoveImport
\buntil_ms (&
\bprogress (\v2.desk.v1.ImportMoved"B
\fSwitchImport 
to (2.desk.v1.ImportState
\buntil_ms (*ª
\vHealthState
HEALTH_STATE_UNSPECIFIED\0
HEALTH_STATE_STARTING
HEALTH_STATE_RUNNING
HEALTH_STATE_RETRYING
HEALTH_STATE_FAILED
HEALTH_STATE_OFF*
\vImportState
IMPORT_STATE_UNSPECIFIED\0
IMPORT_STATE_RUNNING
IMPORT_STATE_PAUSED
IMPORT_STATE_STOPPED
IMPORT_STATE_DONEB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`)),sa=L(btoa(`
desk/v1/draft.proto\x07desk.v1"
\x07Writing\f
text (	\f
html (	

to (	

cc (	\v
bcc (	#
files (\v2.desk.v1.WritingFile
\bmentions\x07 (	
\fseen_version\b ("o
\vWritingFile\f
blob (	\f
name (	

media_type (	\f
size (
inline (\b

content_id (	"¶

DraftSaved\r
agent (	
\fconversation (	\f
note (\b!
\x07writing (\v2.desk.v1.Writing
device (	#
	displaced (\v2.desk.v1.Writing
let_go\x07 (\b\r
at_ms\b ("\`
\fDraftCleared\r
agent (	
\fconversation (	\f
note (\b\r
cause (	
device (	"\xA0
	SaveDraft\r
agent (	
\fconversation (	\f
note (\b!
\x07writing (\v2.desk.v1.Writing
device (	\f
base (
\x07leaving\x07 (\b
let_go\b (\b"l

ClearDraft\r
agent (	
\fconversation (	\f
note (\b\r
cause (	
device (	\f
text (	B6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`)),ca=L(btoa(`
desk/v1/setting.proto\x07desk.v1"1
\fSettingSaved!
\x07setting (\v2.desk.v1.Setting"
SettingRemoved"
\x07Setting\x1B
tag (\v2\f.desk.v1.TagH\0%
\bpipeline (\v2.desk.v1.PipelineH\0%
\bproperty (\v2.desk.v1.PropertyH\0#
\x07snippet (\v2.desk.v1.SnippetH\0
macro (\v2.desk.v1.MacroH\0
view (\v2\r.desk.v1.ViewH\0
skill\x07 (\v2.desk.v1.SkillH\0.
\rworking_hours\b (\v2.desk.v1.WorkingHoursH\0%
\bholidays	 (\v2.desk.v1.HolidaysH\0*
\bsecurity (\v2.desk.v1.SecurityRulesH\01
sign_in_program (\v2.desk.v1.SignInProgramH\0"
spam (\v2.desk.v1.SpamRulesH\0*
\bcapacity( (\v2.desk.v1.CapacityRulesH\0B\x07
value"
View\f
name (	\f
icon (	
filter (	\f
sort (	
layout (	\r
group (	
\x07columns\x07 (	\r
order\b (\r
owner	 (	\r
teams
 (	"#
Tag\f
name (	
colour (	"I
\bPipeline\f
name (	
\x07default (\b
stages (\v2.desk.v1.Stage"H
Stage

id (	\f
name (	%
status (2.desk.v1.TicketStatus"Ç
\bProperty\f
name (	\r
label (	
of (2.desk.v1.PropertyOf#
kind (2.desk.v1.PropertyKind 
\x07choices (\v2.desk.v1.Choice
required_to_close (\b\r
order\x07 (\f
help\b (	"#
Choice

id (	\r
label (	"c
\x07Snippet\f
name (	
\bshortcut (	\f
text (	\f
html (	\r
owner (	\r
teams (	"
Macro\f
name (	\r
owner (	\r
teams (	

reply_text (	

reply_html (	\f
note (	
\badd_tags\x07 (	
\vremove_tags\b (	%
status	 (2.desk.v1.TicketStatus
\bpipeline
 (	\r
stage\v (	
assign\f (	\f
team\r (	#
\bpriority (2.desk.v1.Priority"I
Skill\f
name (	
\bcategory (	 
kind (2.desk.v1.SkillKind"V
\fWorkingHours\f
name (	
	time_zone (	%
blocks (\v2.desk.v1.WorkingBlock"9
\fWorkingBlock
\x07weekday (\f
from (

to ("=
\bHolidays\f
name (	#
days (\v2.desk.v1.HolidayRange"6
\fHolidayRange\f
from (	

to (	\f
name (	"6
\rSecurityRules%
two_factor_for_administrators (\b"W
\rSignInProgram\f
name (	
	client_id (	
tenant (	
\rsealed_secret (\f"g
	SpamRules\r
allow (	\f
deny (	
believe_servers (\b
	keep_days (\rH\0B\f

_keep_days"
\rCapacityRules$
\x07weights (\v2.desk.v1.KindWeight0
excluded_statuses (2.desk.v1.TicketStatus
excluded_stages (	"*

KindWeight\f
kind (	
weight (*Z

PropertyOf\x1B
PROPERTY_OF_UNSPECIFIED\0
PROPERTY_OF_TICKET
PROPERTY_OF_CONTACT*³
\fPropertyKind
PROPERTY_KIND_UNSPECIFIED\0
PROPERTY_KIND_TEXT\x1B
PROPERTY_KIND_LONG_TEXT
PROPERTY_KIND_NUMBER
PROPERTY_KIND_DATE
PROPERTY_KIND_CHOICE
PROPERTY_KIND_MULTI_CHOICE
PROPERTY_KIND_CHECKBOX\x07
PROPERTY_KIND_URL\b
PROPERTY_KIND_EMAIL	
PROPERTY_KIND_PHONE
*V
	SkillKind
SKILL_KIND_UNSPECIFIED\0
SKILL_KIND_TOPIC
SKILL_KIND_LANGUAGEB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[z]),la=F(ca,2),ua=L(btoa(`
desk/v1/side.proto\x07desk.v1"¾
\vSideChanged\f
side (	\f
what (	%
status (2.desk.v1.TicketStatus
\x07version (
\breceived (\r
\x07answers (\r\f
with\x07 (	
\x07subject\b (	\v
who	 (	\f
from
 (	"
\bSideMark\f
side (	%
status (2.desk.v1.TicketStatus
\x07version (
\breceived (\r
\x07answers (\r\f
from (	"¯

TellOfSide\f
side (	%
status (2.desk.v1.TicketStatus
\x07version (
\breceived (\r
\x07answers (\r\f
with (	
\x07subject\x07 (	\v
who\b (	\f
from	 (	"£
\vSideSummary\f
side (	
\fconversation (	
\x07channel (	
\x07subject (	%
status (2.desk.v1.TicketStatus\f
with (	
	addresses\x07 (	
\bmessages\b (\r
\breceived	 (\r
\x07answers
 (\r
\x07preview\v (	
\vlast_author\f (	
	last_name\r (	
\fopened_at_ms (
\rupdated_at_ms (
\vundelivered (\r\f
news (
\x07version (
\bposition (\r
agent (	
purged_version (B6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[z]),da=L(btoa(`
desk/v1/team.proto\x07desk.v1")

TeamMember\r
agent (	\f
main (\b"V
	TeamAdded\f
name (	$
\x07members (\v2.desk.v1.TeamMember
\rreply_channel( (	"X
\vTeamChanged\f
name (	$
\x07members (\v2.desk.v1.TeamMember
\rreply_channel( (	"\r
\vTeamRemovedB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`)),fa=L(btoa(`
desk/v1/work.proto\x07desk.v1"?
TicketTagsChanged\r
added (	
\x07removed (	

by (	"@
TicketTeamChanged\f
team (	
	team_name (	

by (	"U
TicketStageChanged
\bpipeline (	\r
stage (	

stage_name (	

by (	"@
TicketPropertySet
\bproperty (	\r
value (	

by (	"-
\rTicketSnoozed
\buntil_ms (

by (	"[
TicketDueChanged
due_ms (\r
cause (	
was_ms (\f
late (\b

by (	"
\fSetTicketDue
due_ms ("(
\vTicketWoken\r
cause (	

by (	"?
TicketFollowed\r
agent (	

agent_name (	

by (	"-
TicketUnfollowed\r
agent (	

by (	"!
MentionDismissed\r
agent (	"-
TicketMarkedSpam\r
cause (	

by (	"/
TicketUnmarkedSpam\r
cause (	

by (	"#
ConversationPurged\r
cause (	"
PurgedFilesRemoved"
\bMarkSpam\r
cause (	"\x1B

UnmarkSpam\r
cause (	"I
PurgeConversation
\x07version (\f
into (	
\rfiles_removed (\b"+

SpamPurged
\x07tickets (\r\f
days (\r"/
NoteSpamPurged
\x07tickets (\r\f
days (\r"Y
ConversationMerged\f
into (	
\vinto_number (
\finto_subject (	

by (	"<
\vMergeUndone\f
from (	
\vfrom_number (

by (	"»
ConversationTookIn
\fconversation (	
number (
\x07subject (	
\fcontact_name (	

by (	
waiting_since_ms (
\breopened\x07 (\b 
sides\b (\v2.desk.v1.SideMark"_
ConversationLetGo
\fconversation (	
number (

by (	
waiting_since_ms ("
ContactBlocked

by (	"
ContactUnblocked

by (	"\\
ContactAddressFailed
\x07address (	\r
cause (	
status (	
\fconversation (	"'
ContactAddressWorked
\x07address (	"Z
AutomaticAnswerAsked\v
ask (	
\fconversation (	
\bwithheld (	\r
at_ms (":
AutomaticAnswersStopped\r
cause (	
\buntil_ms ("A
ContactPropertySet
\bproperty (	\r
value (	

by (	"Z
FailContactAddress
\x07address (	\r
cause (	
status (	
\fconversation (	"E
\vAskToAnswer\v
ask (	
\fconversation (	
\vagent_at_ms ("%
StopAutomaticAnswers\r
cause (	"&
ProveContactAddress
\x07address (	"
AllowAutomaticAnswers"%
AutomaticAnswersAllowed

by (	"Z
\bHandling
reason (	
\x07reopens (\b
counts (\b
\x07answers (\b\f
acts (\b"g
ReturnedRecipient
\x07address (	
status (	
	permanent (\b
\x07delayed (\b\r
cause (	"I
ChangeRequester
\x07contact (	
\fcontact_name (	
\x07address (	"%
ConfirmParticipant
\x07address (	"X
LinkConversation
\fconversation (	
number (
\x07subject (	\r
cause (	"w
RequesterChanged
\x07contact (	
\fcontact_name (	
\x07address (	\f
from (	
	from_name (	

by (	"3
ParticipantConfirmed
\x07address (	

by (	"Z
ConversationLinked
\fconversation (	
number (
\x07subject (	\r
cause (	"b
MergeConversation\f
into (	
\vinto_number (
\finto_subject (	
\fsame_visitor< (\b"\v
	UndoMerge"¬
TakeInConversation
\fconversation (	
number (
\x07subject (	
\fcontact_name (	\r
again (\b
waiting_since_ms ( 
sides\x07 (\v2.desk.v1.SideMark"b
LetGoConversation
\fconversation (	
number (\r
again (\b
waiting_since_ms ("´
MessageReturned
\x07message (	
\x07channel (	
\vexternal_id (	\f
kind (	.

recipients (\v2.desk.v1.ReturnedRecipient\f
from (	\f
text\x07 (	
\braw_blob\b (	"x

TicketHeld
\buntil_ms (\r
limit (	

of (	
\bunrouted (\b\r
cause (	
\bmessages (\r

by\x07 (	"!
Hold\r
limit (	

of (	"
\rReleaseTicketB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[ua]),pa=L(btoa(`
desk/v1/event.proto\x07desk.v1"¿.
Event:
conversation_opened (\v2\x1B.desk.v1.ConversationOpenedH\04
message_received (\v2.desk.v1.MessageReceivedH\02
reply_requested (\v2.desk.v1.ReplyRequestedH\0(

note_added (\v2.desk.v1.NoteAddedH\04
delivery_started (\v2.desk.v1.DeliveryStartedH\04
delivery_settled (\v2.desk.v1.DeliverySettledH\0>
conversation_assigned\x07 (\v2.desk.v1.ConversationAssignedH\0B
conversation_unassigned\b (\v2.desk.v1.ConversationUnassignedH\0:
assignment_deferred	 (\v2\x1B.desk.v1.AssignmentDeferredH\0=
ticket_status_changed
 (\v2.desk.v1.TicketStatusChangedH\0A
ticket_priority_changed\v (\v2.desk.v1.TicketPriorityChangedH\0?
ticket_subject_changed\f (\v2.desk.v1.TicketSubjectChangedH\09
ticket_tags_changed\r (\v2.desk.v1.TicketTagsChangedH\09
ticket_team_changed (\v2.desk.v1.TicketTeamChangedH\0;
ticket_stage_changed (\v2\x1B.desk.v1.TicketStageChangedH\09
ticket_property_set (\v2.desk.v1.TicketPropertySetH\00
ticket_snoozed (\v2.desk.v1.TicketSnoozedH\0,
\fticket_woken (\v2.desk.v1.TicketWokenH\02
ticket_followed (\v2.desk.v1.TicketFollowedH\06
ticket_unfollowed (\v2.desk.v1.TicketUnfollowedH\06
mention_dismissed (\v2.desk.v1.MentionDismissedH\07
ticket_marked_spam (\v2.desk.v1.TicketMarkedSpamH\0;
ticket_unmarked_spam (\v2\x1B.desk.v1.TicketUnmarkedSpamH\0:
conversation_merged (\v2\x1B.desk.v1.ConversationMergedH\0,
\fmerge_undone (\v2.desk.v1.MergeUndoneH\0;
conversation_took_in (\v2\x1B.desk.v1.ConversationTookInH\09
conversation_let_go\x1B (\v2.desk.v1.ConversationLetGoH\07
messages_split_off (\v2.desk.v1.MessagesSplitOffH\0A
conversation_split_from (\v2.desk.v1.ConversationSplitFromH\00
reply_canceled (\v2.desk.v1.ReplyCanceledH\06
reply_rescheduled (\v2.desk.v1.ReplyRescheduledH\0.
\rreply_retried  (\v2.desk.v1.ReplyRetriedH\06
requester_changed! (\v2.desk.v1.RequesterChangedH\0>
participant_confirmed" (\v2.desk.v1.ParticipantConfirmedH\0:
conversation_linked# (\v2\x1B.desk.v1.ConversationLinkedH\04
message_returned$ (\v2.desk.v1.MessageReturnedH\0(

owner_told% (\v2.desk.v1.OwnerToldH\00
letter_started& (\v2.desk.v1.LetterStartedH\00
letter_settled' (\v2.desk.v1.LetterSettledH\08
assignment_widened* (\v2.desk.v1.AssignmentWidenedH\0,
\fside_changed( (\v2.desk.v1.SideChangedH\0*
\vticket_held) (\v2.desk.v1.TicketHeldH\07
ticket_due_changed+ (\v2.desk.v1.TicketDueChangedH\0:
conversation_purged, (\v2\x1B.desk.v1.ConversationPurgedH\0;
purged_files_removed- (\v2\x1B.desk.v1.PurgedFilesRemovedH\02
absence_planned. (\v2.desk.v1.AbsencePlannedH\0*
\voffer_ended/ (\v2.desk.v1.OfferEndedH\00
reply_imported0 (\v2.desk.v1.ReplyImportedH\0.
\roffers_missed1 (\v2.desk.v1.OffersMissedH\02
contact_created2 (\v2.desk.v1.ContactCreatedH\0?
contact_identity_added3 (\v2.desk.v1.ContactIdentityAddedH\0.
\rcontact_named4 (\v2.desk.v1.ContactNamedH\0=
contact_owner_changed5 (\v2.desk.v1.ContactOwnerChangedH\02
contact_blocked6 (\v2.desk.v1.ContactBlockedH\06
contact_unblocked7 (\v2.desk.v1.ContactUnblockedH\0;
contact_property_set9 (\v2\x1B.desk.v1.ContactPropertySetH\0?
contact_address_failed: (\v2.desk.v1.ContactAddressFailedH\0?
contact_address_worked; (\v2.desk.v1.ContactAddressWorkedH\0?
automatic_answer_asked< (\v2.desk.v1.AutomaticAnswerAskedH\0E
automatic_answers_stopped= (\v2 .desk.v1.AutomaticAnswersStoppedH\0E
automatic_answers_allowed> (\v2 .desk.v1.AutomaticAnswersAllowedH\0*
\vagent_addedP (\v2.desk.v1.AgentAddedH\0.
\ragent_changedQ (\v2.desk.v1.AgentChangedH\07
agent_password_setR (\v2.desk.v1.AgentPasswordSetH\00
session_openedS (\v2.desk.v1.SessionOpenedH\00
session_closedT (\v2.desk.v1.SessionClosedH\0<
availability_changedU (\v2.desk.v1.AvailabilityChangedH\00
place_reservedV (\v2.desk.v1.PlaceReservedH\0*
\vplace_takenW (\v2.desk.v1.PlaceTakenH\0*
\vplace_freedX (\v2.desk.v1.PlaceFreedH\0=
agent_preferences_setY (\v2.desk.v1.AgentPreferencesSetH\0/
two_factor_setZ (\v2.desk.v1.TwoFactorSetH\07
two_factor_cleared[ (\v2.desk.v1.TwoFactorClearedH\07
second_factor_used\\ (\v2.desk.v1.SecondFactorUsedH\0,
\fsession_seen] (\v2.desk.v1.SessionSeenH\04
out_of_office_set^ (\v2.desk.v1.OutOfOfficeSetH\0<
availability_planned_ (\v2.desk.v1.AvailabilityPlannedH\08
notifications_seen\` (\v2.desk.v1.NotificationsSeenH\0A
recovery_codes_replaceda (\v2.desk.v1.RecoveryCodesReplacedH\0.
\rplace_weighedb (\v2.desk.v1.PlaceWeighedH\04
presence_changedc (\v2.desk.v1.PresenceChangedH\06
channel_connectedx (\v2.desk.v1.ChannelConnectedH\02
channel_changedy (\v2.desk.v1.ChannelChangedH\04
channel_switchedz (\v2.desk.v1.ChannelSwitchedH\0;
channel_cursor_moved{ (\v2\x1B.desk.v1.ChannelCursorMovedH\0?
channel_health_changed| (\v2.desk.v1.ChannelHealthChangedH\04
item_quarantined} (\v2.desk.v1.ItemQuarantinedH\0.
\ritem_released~ (\v2.desk.v1.ItemReleasedH\0+
\vspam_purged (\v2.desk.v1.SpamPurgedH\01
import_started (\v2.desk.v1.ImportStartedH\0-
\fimport_moved (\v2.desk.v1.ImportMovedH\03
import_switched (\v2.desk.v1.ImportSwitchedH\0)

team_added (\v2.desk.v1.TeamAddedH\0-
\fteam_changed (\v2.desk.v1.TeamChangedH\0-
\fteam_removed (\v2.desk.v1.TeamRemovedH\0/
\rsetting_savedª (\v2.desk.v1.SettingSavedH\03
setting_removed« (\v2.desk.v1.SettingRemovedH\0+
\vdraft_saved¾ (\v2.desk.v1.DraftSavedH\0/
\rdraft_cleared¿ (\v2.desk.v1.DraftClearedH\09
visitor_identifiedÜ (\v2.desk.v1.VisitorIdentifiedH\06
unread_not_mailedá (\v2.desk.v1.UnreadNotMailedH\0>
visitor_address_givenâ (\v2.desk.v1.VisitorAddressGivenH\09
conversation_ratedã (\v2.desk.v1.ConversationRatedH\0)

chat_endedä (\v2.desk.v1.ChatEndedH\0-
\fchat_enteredæ (\v2.desk.v1.ChatEnteredH\0+
\vbot_startedç (\v2.desk.v1.BotStartedH\0'
	bot_heardè (\v2.desk.v1.BotHeardH\0+
\vbot_steppedé (\v2.desk.v1.BotSteppedH\0'
	bot_endedê (\v2.desk.v1.BotEndedH\0B
kind">
\bIdentity#
kind (2.desk.v1.IdentityKind\r
value (	"(
\x07Address\f
name (	
\x07address (	"n

Attachment\f
blob (	\f
name (	

media_type (	\f
size (
inline (\b

content_id (	"f
Body\f
text (	\f
html (	(
\vattachments (\v2.desk.v1.Attachment
fresh_text_bytes (\r"á
ConversationOpened
\x07channel (	*
\fchannel_kind (2.desk.v1.ChannelKind
\x07contact (	
\x07subject (	#
\bpriority (2.desk.v1.Priority
contact_recognised (\b%
\x07routing\x07 (\v2.desk.v1.RoutingRule
\fcontact_name\b (	
thread	 (	
source
 (	
\x07follows\v (	
follows_number\f (
\x07side_of\r (	
\ffrom_address( (	"³
	OwnerTold
letter (	\r
agent (	

agent_name (	
\x07channel (	
\bwithheld (	
to (\v2.desk.v1.Address
\x07subject\x07 (	\f
text\b (	
\vthread_keys	 (	"0
\rLetterStarted
letter (	
\x07attempt (\r"
\rLetterSettled
letter (	
\x07attempt (\r%
state (2.desk.v1.DeliveryState
reason (	
\vexternal_id (	
\vretry_at_ms ("ÿ
MessageReceived
\x07message (	
\x07channel (	
\vexternal_id (	
\x07contact (	
from (\v2.desk.v1.Address
to (\v2.desk.v1.Address
cc\x07 (\v2.desk.v1.Address
\x07subject\b (	\x1B
body	 (\v2\r.desk.v1.Body
\vthread_keys
 (	

sent_at_ms\v (
	automatic\f (	
\braw_blob\r (	
\bwarnings (	
	client_id (	
\vin_reply_to (	$
sender (\v2.desk.v1.SenderCheck
	threading (	
\vunconfirmed (\b(
forwarded_from (\v2.desk.v1.Address
\rfor_forwarded (\b#
\bhandling (\v2.desk.v1.Handling
	import_ms (
\x07past_ms (
thread< (	
after_close_ms@ (

came_at_ms( ("Z
\rReplyImported&
mail (\v2.desk.v1.MessageReceived\r
agent (	

agent_name (	"v
\vSenderCheck'
\x07verdict (2.desk.v1.SenderVerdict
reason (	
method (	
domain (	
server (	"Ä
ReplyRequested
\x07message (	
\x07channel (	\r
agent (	\x1B
body (\v2\r.desk.v1.Body
to (\v2.desk.v1.Address
cc (\v2.desk.v1.Address
\x07subject\x07 (	
thread\b (	
\vin_reply_to	 (	

references
 (	
\vthread_keys\v (	

agent_name\f (	
bcc\r (\v2.desk.v1.Address

send_at_ms (#
then (2.desk.v1.TicketStatus
	automatic (	
\ffrom_address( (	

mail_at_ms@ (
\x07carriesA (	
\x07choicesF (	"=
\rReplyCanceled
\x07message (	
\x07channel (	

by (	"T
ReplyRescheduled
\x07message (	
\x07channel (	

send_at_ms (

by (	"
\fReplyRetried
\x07message (	
\x07channel (	
\battempts (\r

send_at_ms (#
was (2.desk.v1.DeliveryState

by (	"n
	NoteAdded
\x07message (	\r
agent (	\x1B
body (\v2\r.desk.v1.Body

agent_name (	
\bmentions (	"3
DeliveryStarted
\x07message (	
\x07attempt (\r"¦
DeliverySettled
\x07message (	
\x07attempt (\r%
state (2.desk.v1.DeliveryState
\vexternal_id (	
reason (	
\vretry_at_ms (
\bresolves\x07 (\b"¨
ConversationAssigned\r
agent (	

agent_name (	

by (	)
reason (\v2.desk.v1.AssignmentReason
\vreservation (	

take_by_ms (\r
round ("^
ConversationUnassigned\r
agent (	

by (	)
reason (\v2.desk.v1.AssignmentReason"P
AssignmentDeferred)
reason (\v2.desk.v1.AssignmentReason
\x07waiting (\b"x
TicketStatusChanged#
from (2.desk.v1.TicketStatus!
to (2.desk.v1.TicketStatus

by (	\r
cause (	"H
TicketPriorityChanged#
\bpriority (2.desk.v1.Priority

by (	"3
TicketSubjectChanged
\x07subject (	

by (	"Þ
\fSplitMessage
\x07message (	
\x07inbound (\b\r
at_ms (
from (\v2.desk.v1.Address
to (\v2.desk.v1.Address
cc (\v2.desk.v1.Address\f
keys\x07 (	
\x07preview\b (	
	automatic	 (\b
\x07counted
 (\b"¸
MessagesSplitOff\f
into (	'
\bmessages (\v2.desk.v1.SplitMessage,
\x07opening (\v2\x1B.desk.v1.ConversationOpened
number (

by (	#
last (\v2.desk.v1.SplitMessage"r
ConversationSplitFrom
\fconversation (	
number ('
\bmessages (\v2.desk.v1.SplitMessage

by (	"C
ContactCreated#
\bidentity (\v2.desk.v1.Identity\f
name (	";
ContactIdentityAdded#
\bidentity (\v2.desk.v1.Identity"(
\fContactNamed\f
name (	

by (	"0
ContactOwnerChanged\r
agent (	

by (	"¹
ChannelConnected"
kind (2.desk.v1.ChannelKind\f
name (	
config (\f
sealed_secrets (\f%
\x07routing (\v2.desk.v1.RoutingRule
\x07address (	
\vcustom_kind\x07 (	"~
ChannelChanged\f
name (	
config (\f
sealed_secrets (\f%
\x07routing (\v2.desk.v1.RoutingRule
\x07address (	*Ø
\vChannelKind
CHANNEL_KIND_UNSPECIFIED\0
CHANNEL_KIND_EMAIL
CHANNEL_KIND_CHAT
CHANNEL_KIND_MESSENGER
CHANNEL_KIND_FORM
CHANNEL_KIND_WHATSAPP
CHANNEL_KIND_CALL
CHANNEL_KIND_CUSTOM\x07*
\rDeliveryState
DELIVERY_STATE_UNSPECIFIED\0
DELIVERY_STATE_QUEUED
DELIVERY_STATE_SENDING
DELIVERY_STATE_SENT
DELIVERY_STATE_DELIVERED
DELIVERY_STATE_READ
DELIVERY_STATE_FAILED
DELIVERY_STATE_UNKNOWN\x07\x1B
DELIVERY_STATE_CANCELED\b*Ï
\fIdentityKind
IDENTITY_KIND_UNSPECIFIED\0
IDENTITY_KIND_EMAIL
IDENTITY_KIND_PHONE
IDENTITY_KIND_VISITOR
IDENTITY_KIND_PAGE_SCOPED
IDENTITY_KIND_WHATSAPP
IDENTITY_KIND_CUSTOM*
\rSenderVerdict
SENDER_VERDICT_UNSPECIFIED\0
SENDER_VERDICT_UNKNOWN\x1B
SENDER_VERDICT_VERIFIED
SENDER_VERDICT_FAILEDB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[ra,aa,oa,sa,ia,ca,ua,da,z,fa]),ma=L(btoa(`
desk/v1/leaving.proto\x07desk.v1"W

MailUnread
\bmessages (	%
mail (\v2.desk.v1.ReplyRequested
\bwithheld (	"3
GiveVisitorAddress
\x07address (	\f
name (	"M
RateConversation\r
score (\r
\x07comment (	\r
scale (	

by (	"T
\x07EndChat%
mail (\v2.desk.v1.ReplyRequested

transcript (	
rating (	"7
MailTranscript%
mail (\v2.desk.v1.ReplyRequested"<
ByMail
\x07channel (	\f
from (	
\vthread_keys (	B6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[pa]),ha=L(btoa(`
desk/v1/command.proto\x07desk.v1"«
Author"
kind (2.desk.v1.Author.Kind

id (	\f
name (	"c
Kind
KIND_UNSPECIFIED\0

KIND_AGENT
\fKIND_CONTACT
\fKIND_CHANNEL
\rKIND_OPERATOR"´+
\x07Command\r
at_ms (\x1B
by (\v2.desk.v1.Author\v
key (	2
receive_message
 (\v2.desk.v1.ReceiveMessageH\0.
\rrequest_reply\v (\v2.desk.v1.RequestReplyH\0$
\badd_note\f (\v2.desk.v1.AddNoteH\00
start_delivery\r (\v2.desk.v1.StartDeliveryH\02
settle_delivery (\v2.desk.v1.SettleDeliveryH\0:
assign_conversation (\v2\x1B.desk.v1.AssignConversationH\0>
unassign_conversation (\v2.desk.v1.UnassignConversationH\04
defer_assignment (\v2.desk.v1.DeferAssignmentH\05
set_ticket_status (\v2.desk.v1.SetTicketStatusH\09
set_ticket_priority (\v2.desk.v1.SetTicketPriorityH\07
set_ticket_subject (\v2.desk.v1.SetTicketSubjectH\07
change_ticket_tags (\v2.desk.v1.ChangeTicketTagsH\03
transfer_to_team (\v2.desk.v1.TransferToTeamH\03
set_ticket_stage (\v2.desk.v1.SetTicketStageH\09
set_ticket_property (\v2.desk.v1.SetTicketPropertyH\0.
\rsnooze_ticket (\v2.desk.v1.SnoozeTicketH\0*
\vwake_ticket (\v2.desk.v1.WakeTicketH\0.
\rfollow_ticket\x1B (\v2.desk.v1.FollowTicketH\02
unfollow_ticket (\v2.desk.v1.UnfollowTicketH\02
dismiss_mention (\v2.desk.v1.DismissMentionH\0&
	mark_spam (\v2.desk.v1.MarkSpamH\0*
\vunmark_spam (\v2.desk.v1.UnmarkSpamH\08
merge_conversation  (\v2.desk.v1.MergeConversationH\0(

undo_merge! (\v2.desk.v1.UndoMergeH\0;
take_in_conversation" (\v2\x1B.desk.v1.TakeInConversationH\09
let_go_conversation# (\v2.desk.v1.LetGoConversationH\07
split_off_messages$ (\v2.desk.v1.SplitOffMessagesH\06
open_conversation% (\v2.desk.v1.OpenConversationH\0+
\ftell_of_side& (\v2.desk.v1.TellOfSideH\0,
\fcancel_reply( (\v2.desk.v1.CancelReplyH\04
reschedule_reply) (\v2.desk.v1.RescheduleReplyH\0*
\vretry_reply* (\v2.desk.v1.RetryReplyH\0%
\btogether+ (\v2.desk.v1.TogetherH\04
change_requester, (\v2.desk.v1.ChangeRequesterH\0:
confirm_participant- (\v2\x1B.desk.v1.ConfirmParticipantH\06
link_conversation. (\v2.desk.v1.LinkConversationH\0*
\vtake_return/ (\v2.desk.v1.TakeReturnH\0(

tell_owner0 (\v2.desk.v1.TellOwnerH\08
purge_conversation1 (\v2.desk.v1.PurgeConversationH\04
widen_assignment' (\v2.desk.v1.WidenAssignmentH\00
release_ticketD (\v2.desk.v1.ReleaseTicketH\00
ensure_contact2 (\v2.desk.v1.EnsureContactH\0;
add_contact_identity3 (\v2\x1B.desk.v1.AddContactIdentityH\0,
\fname_contact4 (\v2.desk.v1.NameContactH\05
set_contact_owner5 (\v2.desk.v1.SetContactOwnerH\0.
\rblock_contact6 (\v2.desk.v1.BlockContactH\02
unblock_contact7 (\v2.desk.v1.UnblockContactH\0;
set_contact_property9 (\v2\x1B.desk.v1.SetContactPropertyH\0;
fail_contact_address: (\v2\x1B.desk.v1.FailContactAddressH\0=
prove_contact_address; (\v2.desk.v1.ProveContactAddressH\0-
\rask_to_answer< (\v2.desk.v1.AskToAnswerH\0?
stop_automatic_answers= (\v2.desk.v1.StopAutomaticAnswersH\0A
allow_automatic_answers> (\v2.desk.v1.AllowAutomaticAnswersH\0/
set_ticket_dueC (\v2.desk.v1.SetTicketDueH\0&
	take_back? (\v2.desk.v1.TakeBackH\0(

take_offer@ (\v2.desk.v1.TakeOfferH\0,
\fplan_absenceA (\v2.desk.v1.PlanAbsenceH\0*
\vcount_offerB (\v2.desk.v1.CountOfferH\0&
	add_agentP (\v2.desk.v1.AddAgentH\0,
\fchange_agentQ (\v2.desk.v1.ChangeAgentH\07
set_agent_passwordR (\v2.desk.v1.SetAgentPasswordH\0,
\fopen_sessionS (\v2.desk.v1.OpenSessionH\0.
\rclose_sessionT (\v2.desk.v1.CloseSessionH\04
set_availabilityU (\v2.desk.v1.SetAvailabilityH\0.
\rreserve_placeV (\v2.desk.v1.ReservePlaceH\0(

take_placeW (\v2.desk.v1.TakePlaceH\0(

free_placeX (\v2.desk.v1.FreePlaceH\08
lapse_reservationsY (\v2.desk.v1.LapseReservationsH\04
reconcile_placesZ (\v2.desk.v1.ReconcilePlacesH\0=
set_agent_preferences[ (\v2.desk.v1.SetAgentPreferencesH\0/
set_two_factor\\ (\v2.desk.v1.SetTwoFactorH\03
clear_two_factor] (\v2.desk.v1.ClearTwoFactorH\05
use_second_factor^ (\v2.desk.v1.UseSecondFactorH\0,
\fnote_session_ (\v2.desk.v1.NoteSessionH\0;
close_other_sessions\` (\v2\x1B.desk.v1.CloseOtherSessionsH\04
set_out_of_officea (\v2.desk.v1.SetOutOfOfficeH\02
follow_scheduleb (\v2.desk.v1.FollowScheduleH\06
see_notificationsc (\v2.desk.v1.SeeNotificationsH\0?
replace_recovery_codesd (\v2.desk.v1.ReplaceRecoveryCodesH\0,
\fweigh_placese (\v2.desk.v1.WeighPlacesH\0.
\rnote_presencef (\v2.desk.v1.NotePresenceH\0.
\rtake_bot_turnæ (\v2.desk.v1.TakeBotTurnH\02
connect_channelx (\v2.desk.v1.ConnectChannelH\00
change_channely (\v2.desk.v1.ChangeChannelH\00
switch_channelz (\v2.desk.v1.SwitchChannelH\09
move_channel_cursor{ (\v2.desk.v1.MoveChannelCursorH\0=
report_channel_health| (\v2.desk.v1.ReportChannelHealthH\02
quarantine_item} (\v2.desk.v1.QuarantineItemH\0,
\frelease_item~ (\v2.desk.v1.ReleaseItemH\04
note_spam_purged (\v2.desk.v1.NoteSpamPurgedH\0-
\fstart_import (\v2.desk.v1.StartImportH\0+
\vmove_import (\v2.desk.v1.MoveImportH\0/
\rswitch_import (\v2.desk.v1.SwitchImportH\0%
\badd_team (\v2.desk.v1.AddTeamH\0+
\vchange_team (\v2.desk.v1.ChangeTeamH\0+
\vremove_team (\v2.desk.v1.RemoveTeamH\0-
\fsave_settingª (\v2.desk.v1.SaveSettingH\01
remove_setting« (\v2.desk.v1.RemoveSettingH\0)

save_draft¾ (\v2.desk.v1.SaveDraftH\0+
\vclear_draft¿ (\v2.desk.v1.ClearDraftH\0)

start_sideÈ (\v2.desk.v1.StartSideH\05
identify_visitorÜ (\v2.desk.v1.IdentifyVisitorH\0+
\vmail_unreadá (\v2.desk.v1.MailUnreadH\0<
give_visitor_addressâ (\v2\x1B.desk.v1.GiveVisitorAddressH\07
rate_conversationã (\v2.desk.v1.RateConversationH\0%
\bend_chatä (\v2.desk.v1.EndChatH\03
mail_transcriptå (\v2.desk.v1.MailTranscriptH\0B
kind"ð
ReceiveMessage)
\x07message (\v2.desk.v1.MessageReceived,
\x07opening (\v2\x1B.desk.v1.ConversationOpened
\fnever_reopen (\b
participants_only (\b
\x07blocked (\b
\x07exactly (\b
	follow_up\x07 (\b
\bfollower\b (	
\rfollower_name	 (	 
note
 (\v2.desk.v1.NoteAdded0
acknowledgement\v (\v2.desk.v1.ReplyRequested
acknowledge_later\f (\b

spam_cause (	)
\bdefaults (\v2.desk.v1.TicketDefaults#
\bimported (\v2.desk.v1.Imported
\rheld_until_ms( (

held_limit) (	
\x07held_of* (	%
\x07enteredF (\v2.desk.v1.ChatEntered 
botG (\v2.desk.v1.BotOpening
\x07requeue (\b\r
quiet\r (\b"F

TakeReturn*
\breturned (\v2.desk.v1.MessageReturned\f
keys (	"À
\fRequestReply
\x07message (	\x1B
body (\v2\r.desk.v1.Body
to (\v2.desk.v1.Address
cc (\v2.desk.v1.Address\r
close (\b
\vthread_keys (	
bcc\x07 (\v2.desk.v1.Address

send_at_ms\b (
\fundo_seconds	 (\r
\fseen_version
 (
anyway\v (\b#
then\f (2.desk.v1.TicketStatus
\ffrom_address( (	
\fchannel_from) (	)
contact_address2 (\v2.desk.v1.Address
\rmail_after_ms@ ( 
\x07by_mailA (\v2.desk.v1.ByMail"
\vCancelReply
\x07message (	"6
RescheduleReply
\x07message (	

send_at_ms ("/

RetryReply
\x07message (	
\battempts (\r".
\bTogether"
\bcommands (\v2.desk.v1.Command"I
\x07AddNote
\x07message (	\x1B
body (\v2\r.desk.v1.Body
\bmentions (	" 
\rStartDelivery
\x07message (	"
SettleDelivery
\x07message (	
\x07attempt (\r%
state (2.desk.v1.DeliveryState
\vexternal_id (	
reason (	
\vretry_at_ms ("
AssignConversation\r
agent (	

agent_name (	
\vreservation (	
reservation_until_ms ()
reason (\v2.desk.v1.AssignmentReason\f
team (	

take_by_ms (\r
round (&
\brests_on\x07 (\v2.desk.v1.RuleVersion
ticket_version ("
UnassignConversation"M
DeferAssignment)
reason (\v2.desk.v1.AssignmentReason
\x07waiting (\b"-
	TellOwner 
told (\v2.desk.v1.OwnerTold"
WidenAssignment"8
SetTicketStatus%
status (2.desk.v1.TicketStatus"8
SetTicketPriority#
\bpriority (2.desk.v1.Priority"#
SetTicketSubject
\x07subject (	"/
ChangeTicketTags\v
add (	
remove (	"C
TransferToTeam\f
team (	
	team_name (	
\bunassign (\b"l
SetTicketStage
\bpipeline (	\r
stage (	

stage_name (	%
status (2.desk.v1.TicketStatus"4
SetTicketProperty
\bproperty (	\r
value (	" 
\fSnoozeTicket
\buntil_ms ("\f

WakeTicket"1
\fFollowTicket\r
agent (	

agent_name (	"
UnfollowTicket\r
agent (	"
DismissMention"_
	StartSide,
\x07opening (\v2\x1B.desk.v1.ConversationOpened$
reply (\v2.desk.v1.RequestReply"¬
SplitOffMessages\f
into (	'
\bmessages (\v2.desk.v1.SplitMessage,
\x07opening (\v2\x1B.desk.v1.ConversationOpened
number (#
last (\v2.desk.v1.SplitMessage"Á
OpenConversation,
\x07opening (\v2\x1B.desk.v1.ConversationOpened\r
owner (	

owner_name (	\f
team (	
	team_name (	\f
tags (	-
split\x07 (\v2.desk.v1.ConversationSplitFrom"B
\rEnsureContact#
\bidentity (\v2.desk.v1.Identity\f
name (	"9
AddContactIdentity#
\bidentity (\v2.desk.v1.Identity"\x1B
\vNameContact\f
name (	" 
SetContactOwner\r
agent (	"
\fBlockContact"
UnblockContact"5
SetContactProperty
\bproperty (	\r
value (	".
\bAddAgent"
agent (\v2.desk.v1.AgentAdded"3
\vChangeAgent$
agent (\v2.desk.v1.AgentChanged" 
SetAgentPassword\f
hash (	"I
\vOpenSession
\x07session (	
\rexpires_at_ms (

user_agent (	"
\fCloseSession
\x07session (	"O
SetAvailability
	available (\b
reason (	
end_out_of_office (\b"<
ConnectChannel*
\x07channel (\v2.desk.v1.ChannelConnected"x
\rChangeChannel(
\x07channel (\v2.desk.v1.ChannelChanged)
\vrouting_was (\v2.desk.v1.RoutingRule

config_wasP (\f"+
\x07AddTeam 
team (\v2.desk.v1.TeamAdded"X

ChangeTeam"
team (\v2.desk.v1.TeamChanged&
\bteam_was (\v2.desk.v1.TeamChanged"\f

RemoveTeam"_
\vSaveSetting!
\x07setting (\v2.desk.v1.Setting
create (\b
was (\v2.desk.v1.Setting"
\rRemoveSettingB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[ra,aa,oa,sa,pa,ma,ia,ca,ua,da,z,fa]),ga=L(btoa(`
desk/v1/record.proto\x07desk.v1"¢
Record
stream (	
\x07version (
\bposition (\r
at_ms (\x1B
by (\v2.desk.v1.Author
event (\v2.desk.v1.Event\v
key\x07 (	\r
epoch\b ("Ë\v
\rTicketSummary
\fconversation (	
number (
\x07subject (	
\x07contact (	
\fcontact_name (	
\x07channel (	*
\fchannel_kind\x07 (2.desk.v1.ChannelKind%
status\b (2.desk.v1.TicketStatus#
\bpriority	 (2.desk.v1.Priority\r
owner
 (	

owner_name\v (	
\fopened_at_ms\f (
\rupdated_at_ms\r (
waiting_since_ms (
\x07preview (	
\vlast_author (	
\bmessages (\r
\x07version (
\x07in_line (\b
in_line_since_ms ()
reason (\v2.desk.v1.AssignmentReason
\vundelivered (\r%
\x07routing (\v2.desk.v1.RoutingRule
contact_recognised (\b
thread (	
\bposition (\f
tags\x1B (	\f
team (	
\bpipeline (	\r
stage (	:

properties (\v2&.desk.v1.TicketSummary.PropertiesEntry
snoozed_until_ms  (
	followers! (	
	mentioned" (	\f
spam# (\b
\vmerged_into$ (	
\fclosed_at_ms% (
first_reply_at_ms& (\x1B
last_received_at_ms' (
has_attachments( (\b
source) (	
\rspam_since_ms. (
purged/ (\b
purged_version0 ((
	scheduled2 (\v2.desk.v1.WaitingReply
waited_since_ms3 (
routing_versionL (
tenureA (\v2.desk.v1.Tenure
due_msK ( 
sides4 (\v2.desk.v1.SideMark
	set_asideP (	
\rheld_until_msS (
\rheld_unroutedT (\b\x1B
hold5 (\v2\r.desk.v1.Hold$
after@ (\v2.desk.v1.AfterLeaving
\ffrom_addressQ (	\v
botF (	$
handedG (\v2.desk.v1.RoutingRule
\x07earlier< (	1
PropertiesEntry\v
key (	\r
value (	:8"
\fWaitingReply
\x07message (	

send_at_ms (
\vasked_at_ms (
waiting_since_ms (\r
first (\b
\x07preview (	
\vlast_author\x07 (	"ó
ContactSummary
\x07contact (	\f
name (	%

identities (\v2.desk.v1.Identity\r
owner (	
\x07version (
\bposition (
\rcreated_at_ms\x07 (;

properties\b (\v2'.desk.v1.ContactSummary.PropertiesEntry
\x07blocked	 (\bA
\rundeliverable\f (\v2*.desk.v1.ContactSummary.UndeliverableEntry 
answers_stopped_until_ms (
answers_stopped_cause (	
routing_versionK (1
PropertiesEntry\v
key (	\r
value (	:84
UndeliverableEntry\v
key (	\r
value (	:8"b
Place
\fconversation (	
\vreservation (	
\buntil_ms (
conversation_version ("æ
\fAgentSummary\r
agent (	\r
email (	\f
name (	\x1B
role (2\r.desk.v1.Role\f
seat (\b
\vdeactivated (\b
	available\x07 (\b
\vaway_reason\b (	
\bcapacity	 (\f
load
 (\x1B
last_assigned_at_ms\v (
availability_since_ms\f (
\x07version\r (
\bposition (

two_factor (\b
\vshown_email (	
\rworking_hours (	
\bholidays (	
\vout_from_ms (
	out_to_ms (
\vout_message (	*
plan (\v2.desk.v1.AvailabilityPlanned
\rchanges_at_ms (
\rchanges_cause (	
availability_cause (	
availability_by (	
\rshown_version\x1B (
access (2.desk.v1.Access
skills$ (	
\rsecond_skills- (	$
limits< (\v2.desk.v1.GroupLimits

calls_load= (
messaging_load> (!
\x07absenceA (\v2.desk.v1.Absence"
turns( (\v2.desk.v1.TurnsTaken
	connectedF (\b
connected_since_msG ("6

TurnsTaken

of (	\r
round (\r
taken (\r"q
AvailabilityEntry\r
at_ms (
	available (\b
reason (	\r
cause (	

by (	
\x07by_name (	"®

AuditEntry
\bposition (\r
at_ms (\x1B
by (\v2.desk.v1.Author
stream (	\f
kind (	\f
name (	%
\x07changes\x07 (\v2.desk.v1.AuditChange
\x07setting\b (	";
\vAuditChange\r
field (	
before (	\r
after (	"
\fNotification
id (	B\f
kind (	\r
at_ms (
\fconversation (	\r
title (	\v
who (	\f
text\x07 (	
\x07channel\b (	
detail	 (	
\bposition
 (-
told\v (\v2.desk.v1.Notification.Addressee(
	Addressee\r
agent (	\f
kind (	"
NotificationMarks\r
until (D
\rconversations (\v2-.desk.v1.NotificationMarks.ConversationsEntry4
ConversationsEntry\v
key (	\r
value (:8"
SessionSummary
\x07session (	\r
agent (	
\fopened_at_ms (
\rexpires_at_ms (

seen_at_ms (

user_agent (	"Q
TwoFactorSecret
\rsealed_secret (\f
\rrecovery_left (
\bsince_ms ("
ChannelSummary
\x07channel (	"
kind (2.desk.v1.ChannelKind\f
name (	
\x07address (	
config (\f%
\x07routing (\v2.desk.v1.RoutingRule

on\x07 (\b$
health\b (2.desk.v1.HealthState
\rhealth_reason	 (	
health_since_ms
 (
\vquarantined\v (\r
\x07version\f (
\bposition\r (
\vcustom_kind (	
\fconnected_ms (
routing_version (
import (\v2.desk.v1.Import"
\vTeamSummary\f
team (	\f
name (	$
\x07members (\v2.desk.v1.TeamMember
\x07version (
\bposition (
\x07removed (\b
\rreply_channelP (	"
QuarantinedItem
\x07channel (	\f
item (	\r
cause (	
\braw_blob (	
\x07summary (	\r
at_ms (
folder2 (	"Ì

OutboxItem
\fconversation (	
\x07message (	
\x07channel (	%
state (2.desk.v1.DeliveryState
\battempts (\r
due_ms (
\bposition\x07 (
requested_at_ms\b (

send_at_ms	 ("¶
SettingSummary
\x07setting (	\f
kind (	
value (\v2.desk.v1.Setting
\x07removed (\b
\x07version (
\bposition (

by\x07 (	
\rchanged_at_ms\b (\r
owner	 (	"à
\fDraftSummary\r
agent (	
\fconversation (	\f
note (\b!
\x07writing (\v2.desk.v1.Writing#
	displaced (\v2.desk.v1.Writing
device (	
\vsaved_at_ms\x07 (
\x07version\b (
\bposition	 (\r
cause
 (	B6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[ha,ra,oa,sa,pa,ia,ca,ua,da,z,fa]),_a=L(btoa(`
desk/v1/frame.proto\x07desk.v1"×
\vClientFrame

id (	
hello (\v2.desk.v1.HelloH\0'
	subscribe (\v2.desk.v1.SubscribeH\0(
\x07command (\v2.desk.v1.AgentCommandH\0!
typing (\v2.desk.v1.TypingH\0
ping (\v2\r.desk.v1.PingH\0B
kind"(
Hello\r
epoch (	
\bposition ("f
	Subscribe
\x07tickets (\b
\rconversations (	
agents (\b
\bchannels (\b
\x07looking\b (	"A
\fAgentCommand
stream (	!
\x07command (\v2.desk.v1.Command"*
Typing
\fconversation (	

on (\b"
Ping"æ
\vServerFrame#
\x07welcome (\v2.desk.v1.WelcomeH\0
reset (\v2.desk.v1.ResetH\0&
	caught_up (\v2.desk.v1.CaughtUpH\0(
ticket (\v2.desk.v1.TicketChangedH\0&
record (\v2.desk.v1.RecordAddedH\0+
agent (\v2.desk.v1.AgentChangedFrameH\0/
\x07channel\x07 (\v2.desk.v1.ChannelChangedFrameH\0
done\b (\v2\r.desk.v1.DoneH\0#
\x07refused	 (\v2.desk.v1.RefusedH\0%
\bpresence
 (\v2.desk.v1.PresenceH\0
pong\v (\v2\r.desk.v1.PongH\0/
\x07contact\f (\v2.desk.v1.ContactChangedFrameH\0/
\x07setting\r (\v2.desk.v1.SettingChangedFrameH\0#
gone (\v2.desk.v1.TicketGoneH\0&
draft (\v2.desk.v1.DraftChangedH\0*
\x07account (\v2.desk.v1.AccountChangedH\0)
team (\v2.desk.v1.TeamChangedFrameH\0!
side (\v2.desk.v1.SideNewsH\0B
kind"9
\x07Welcome\r
epoch (	
\bposition (\r
agent (	"8
Reset\r
epoch (	
\bposition (
reason (	"
\bCaughtUp
\bposition ("I
\rTicketChanged
\bposition (&
ticket (\v2.desk.v1.TicketSummary"4

TicketGone
\bposition (
\fconversation (	".
\vRecordAdded
record (\v2.desk.v1.Record"\\
AgentChangedFrame
\bposition ($
agent (\v2.desk.v1.AgentSummary
\x07partial (\b"b
ChannelChangedFrame
\bposition ((
\x07channel (\v2.desk.v1.ChannelSummary
\x07partial (\b"H
TeamChangedFrame
\bposition ("
team (\v2.desk.v1.TeamSummary"Q
ContactChangedFrame
\bposition ((
\x07contact (\v2.desk.v1.ContactSummary"b
SettingChangedFrame
\bposition ((
\x07setting (\v2.desk.v1.SettingSummary
\x07partial (\b"@
\bSideNews
\bposition (
\fconversation (	\f
side (	"
AccountChanged\f
what (	"F
\fDraftChanged
\bposition ($
draft (\v2.desk.v1.DraftSummary"5
Done

id (	
\x07version (
\bposition ("S
\x07Refused

id (	\f
code (	
\x07message (	\r
field (	
reason (	"Y
\bPresence
\fconversation (	\v
who (	\f
name (	
typing (\b\f
left (\b"
PongB6Z4github.com/centralita/centralita/proto/deskpb;deskpbbproto3`),[ha,ga]),B=F(_a,0),va=F(_a,6),ya=`0123456789abcdefghjkmnpqrstvwxyz`;function ba(e){let t=crypto.getRandomValues(new Uint8Array(26));return e+Array.from(t,e=>ya[e&31]).join(``)}var xa=8e3,Sa=49152,Ca=class{#e;#t;#n=new Map;constructor(e,t){this.#e=e,this.#t=t}async run(e){if(this.#e.usable&&wa(e))try{return await this.#r(Ta(e))}catch(e){if(!(e instanceof s))throw e}let[t,n,r]=Oa(e),i=await this.#t.send(t,n,r);return{version:f(i.version),position:f(i.position),...e.kind===`macro`?{undo:u(i.undo).map(p)}:{}}}answered(e){if(e.case!==`done`&&e.case!==`refused`)return;let t=this.#n.get(e.value.id);if(t){if(this.#i(e.value.id),e.case===`done`)t.resolve({version:Number(e.value.version),position:Number(e.value.position)});else{let{code:n,message:r,field:a,reason:o}=e.value;t.reject(new i(0,n,r,a?[{location:a,message:r}]:[],o))}}}lost(){for(let[e,t]of[...this.#n])this.#i(e),t.reject(new s)}#r(e){return new Promise((t,n)=>{let r=setTimeout(()=>{this.#n.delete(e.id),n(new s)},xa);this.#n.set(e.id,{resolve:t,reject:n,timer:r}),this.#e.send(e)||(this.#i(e.id),n(new s))})}#i(e){clearTimeout(this.#n.get(e)?.timer),this.#n.delete(e)}};function wa(e){return e.kind===`macro`?!1:`draft`in e?(e.draft.text.length+(e.draft.html?.length??0))*3+e.draft.attachments.length*400<Sa:!0}function Ta(e){let t=`draft`in e?`c-${e.message}`:ba(`c-`);return x(B,{id:t,kind:{case:`command`,value:{stream:e.kind===`availability`?`agent/${e.agent}`:`conversation/${e.conversation}`,command:{key:`draft`in e?e.message:t,kind:Ea(e)}}}})}function Ea(e){if(ue(e))return Se(e);switch(e.kind){case`reply`:{let{to:t=[],cc:n=[],bcc:r=[],from:i=``}=e.draft,{sendAt:a=0,undoSeconds:o=0,seenVersion:s=0,anyway:c=!1,then:l}=e.sending??{};return{case:`requestReply`,value:{message:e.message,body:Da(e.draft),to:t,cc:n,bcc:r,fromAddress:i,close:e.close,sendAtMs:BigInt(a),undoSeconds:o,seenVersion:BigInt(s),anyway:c,then:l?fe(l):0}}}case`cancel`:return{case:`cancelReply`,value:{message:e.message}};case`reschedule`:return{case:`rescheduleReply`,value:{message:e.message,sendAtMs:BigInt(e.sendAt)}};case`retry`:return{case:`retryReply`,value:{message:e.message,attempts:e.attempts}};case`macro`:throw Error(`a macro goes over HTTP`);case`note`:return{case:`addNote`,value:{message:e.message,body:Da(e.draft),mentions:e.draft.mentions??[]}};case`assign`:return e.agent===null?{case:`unassignConversation`,value:{}}:{case:`assignConversation`,value:{agent:e.agent,agentName:e.agentName}};case`status`:return{case:`setTicketStatus`,value:{status:fe(e.status)}};case`priority`:return{case:`setTicketPriority`,value:{priority:ie(e.priority)}};case`subject`:return{case:`setTicketSubject`,value:{subject:e.subject}};case`availability`:return{case:`setAvailability`,value:{available:e.available,reason:e.reason}}}}function Da(e){return{text:e.text,html:e.html??``,attachments:e.attachments.map(({blob:e,name:t,mediaType:n,size:r,inline:i,contentId:a})=>({blob:e,name:t,mediaType:n,size:BigInt(r),inline:i,contentId:a}))}}function Oa(e){if(ue(e))return se(e);if(e.kind===`availability`)return[`PUT`,`/agents/${e.agent}/availability`,{available:e.available,reason:e.reason}];let t=`/conversations/${e.conversation}`;switch(e.kind){case`reply`:return[`POST`,`${t}/replies`,ja(e.message,e.draft,e.close,e.sending)];case`cancel`:return[`DELETE`,`${t}/replies/${e.message}`,void 0];case`reschedule`:return[`PUT`,`${t}/replies/${e.message}/send-at`,{send_at:e.sendAt?new Date(e.sendAt).toISOString():null}];case`retry`:return[`POST`,`${t}/replies/${e.message}/retry?attempts=${e.attempts}`,void 0];case`macro`:return[`POST`,`${t}/together`,{...e.reply?{reply:ja(e.reply.message,e.reply.draft,!1,e.reply.sending)}:{},...e.note?{note:Aa(e.note.message,e.note.draft)}:{},actions:e.actions}];case`note`:return[`POST`,`${t}/notes`,Aa(e.message,e.draft)];case`assign`:return[`PUT`,`${t}/owner`,{agent:e.agent}];case`status`:return[`PUT`,`${t}/status`,{status:e.status}];case`priority`:return[`PUT`,`${t}/priority`,{priority:e.priority}];case`subject`:return[`PUT`,`${t}/subject`,{subject:e.subject}]}}function ka(e,t){return{message_id:e,text:t.text,...t.html?{html:t.html}:{},attachments:t.attachments.map(e=>({blob:e.blob,name:e.name,media_type:e.mediaType,size:e.size,...e.inline?{inline:!0,content_id:e.contentId}:{}}))}}function Aa(e,t){return{...ka(e,t),...t.mentions?.length?{mentions:t.mentions}:{}}}function ja(e,t,n,r={}){return{...ka(e,t),...Ma(t),close:n,...r.sendAt?{send_at:new Date(r.sendAt).toISOString()}:{},...r.undoSeconds?{undo_seconds:r.undoSeconds}:{},...r.seenVersion?{seen_version:r.seenVersion}:{},...r.anyway?{anyway:!0}:{},...r.then?{then:r.then}:{}}}function Ma(e){return{...e.to?.length?{to:e.to}:{},...e.cc?.length?{cc:e.cc}:{},...e.bcc?.length?{bcc:e.bcc}:{},...e.from?{from_address:e.from}:{}}}var Na=e=>e(),Pa=null;function Fa(e){Na=e}var V=class{#e=new Set;onChange(e){return this.#e.add(e),()=>this.#e.delete(e)}changed(){Pa?Pa.add(this):(Pa=new Set([this]),Na(()=>{let e=Pa??[];Pa=null;for(let t of e)t.#t()}))}#t(){for(let e of[...this.#e])e()}};function Ia(e,t){let n=t.event?.kind;switch(n?.case){case`deliveryStarted`:{let{message:t,attempt:r}=n.value;return H(e,t,e=>({...U,...La(e),state:`sending`,attempts:r}))}case`deliverySettled`:{let{message:t,state:r,reason:i,retryAtMs:a,attempt:o}=n.value;return H(e,t,e=>({...e,state:ee(r),reason:i,attempts:Math.max(o,e.attempts),retryAt:Number(a),sendAt:0}))}case`messageReturned`:{let{message:r,kind:i,from:a,text:o,rawBlob:s,recipients:c}=n.value,l={kind:i,at:Number(t.atMs),from:a,text:o,rawBlob:s,recipients:c.map(({address:e,status:t,permanent:n,delayed:r,cause:i})=>({address:e,status:t,permanent:n,delayed:r,cause:i}))};return H(e,r,e=>({...e,state:i===`delay`&&e.state===`sent`?`delayed`:e.state,returns:[...e.returns??[],l]}))}case`replyCanceled`:return H(e,n.value.message,e=>({...U,state:`canceled`,attempts:e.attempts}));case`replyRescheduled`:{let{message:t,sendAtMs:r}=n.value;return H(e,t,e=>({...e,sendAt:Number(r),retryAt:0}))}case`replyRetried`:return H(e,n.value.message,e=>({...U,...La(e),attempts:e.attempts}))}let r=Ra(t);if(n?.case===`participantConfirmed`){let{address:t}=n.value;e=e.map(e=>e.unconfirmed&&e.from?.address.toLowerCase()===t?{...e,unconfirmed:!1}:e)}if(!r)return e;let i=r.imported?e.findLastIndex(e=>e.at<=r.at)+1:e.length;return[...e.slice(0,i),r,...e.slice(i)]}function H(e,t,n){let r=e.findLastIndex(e=>e.id===t&&e.kind===`outbound`),i=e[r];if(!i)return e;let a=[...e];return a[r]={...i,delivery:n(i.delivery??U)},a}var La=e=>e.returns?{returns:e.returns}:{},U={state:`queued`,reason:``,attempts:0,retryAt:0,sendAt:0};function Ra(e){let t=e.event?.kind;switch(t?.case){case`messageReceived`:case`replyImported`:{let n=t.case===`replyImported`?t.value:null,r=t.case===`replyImported`?t.value.mail:t.value,i=xe(r.from);return{...Va(e),id:r.message,kind:n?`outbound`:`inbound`,author:n?{kind:`agent`,id:n.agent,name:n.agentName||i?.name||i?.address||``}:{kind:`contact`,id:r.contact,name:i?.name||i?.address||``},delivery:n?{...U,state:`delivered`}:null,imported:r.pastMs>0n,body:be(r.body),from:i,to:ae(r.to),cc:ae(r.cc),subject:r.subject,warnings:r.warnings,automatic:r.automatic,handling:r.handling?.reason??``,sender:r.sender?{verdict:za[r.sender.verdict]??`unknown`,reason:r.sender.reason,domain:r.sender.domain,server:r.sender.server}:null,threading:r.threading,unconfirmed:r.unconfirmed,forwardedFrom:xe(r.forwardedFrom),forForwarded:r.forForwarded,rawBlob:r.rawBlob,clientId:r.clientId}}case`replyRequested`:{let n=t.value;return{...Va(e),id:n.message,kind:`outbound`,author:{kind:n.automatic?`desk`:`agent`,id:n.agent,name:n.agentName},automatic:n.automatic,body:be(n.body),delivery:{...U,sendAt:Number(n.sendAtMs)},to:ae(n.to),cc:ae(n.cc),bcc:ae(n.bcc),subject:n.subject}}case`noteAdded`:{let n=t.value;return{...Va(e),id:n.message,kind:`note`,author:{kind:`agent`,id:n.agent,name:n.agentName},body:be(n.body)}}}let n=Ba(e);return n?{...Va(e),activity:n}:null}var za=[`unknown`,`unknown`,`verified`,`failed`];function Ba(e){let t=e.event?.kind;switch(t?.case){case`conversationOpened`:return{...W,code:`opened`,conversation:t.value.follows,number:Number(t.value.followsNumber),cause:t.value.source===`import`?`import`:``};case`conversationAssigned`:{let e=t.value;return{...W,code:`assigned`,text:e.reason?.text??``,agent:e.agent,agentName:e.agentName,reason:c(e.reason)}}case`conversationUnassigned`:{let e=t.value;return{...W,code:`unassigned`,text:e.reason?.text??``,agent:e.agent,reason:c(e.reason)}}case`assignmentDeferred`:{let e=t.value;return{...W,code:`deferred`,text:e.reason?.text??``,waiting:e.waiting,reason:c(e.reason)}}case`ticketStatusChanged`:{let e=t.value;return{...W,code:`status`,from:ne(e.from),to:ne(e.to),cause:e.cause}}case`ticketPriorityChanged`:return{...W,code:`priority`,to:pe(t.value.priority)};case`ticketSubjectChanged`:return{...W,code:`subject`,to:t.value.subject}}return ye(e,W)}var W={code:``,text:``,agent:``,agentName:``,from:``,to:``,cause:``,waiting:!1,reason:null,added:[],removed:[],field:``,until:0,conversation:``,number:0,count:0};function Va(e){let t=Number(e.version),n=e.by;return{id:`v${t}`,kind:`activity`,version:t,at:Number(e.atMs),author:{kind:n?.kind===1?`agent`:n?.kind===2?`contact`:`desk`,id:n?.id??``,name:n?.name??``},body:null,delivery:null,activity:null,from:null,to:[],cc:[],bcc:[],subject:``,warnings:[],automatic:``,handling:``,sender:null,threading:[],unconfirmed:!1,forwardedFrom:null,forForwarded:!1,imported:!1,rawBlob:``,clientId:``,origin:null}}var Ha=class extends V{id;#e;#t=[];#n=0;#r=new Map;#i=0;#a=`loading`;#o=null;#s=0;#c=!1;#l=-1;#u=0;#d;#f=!1;constructor(e){super(),this.id=e.id,this.#e={patience:800,retry:2e3,...e}}get items(){return this.#t}get version(){return this.#n}get state(){return this.#a}get error(){return this.#o}has(e){return this.#t.some(t=>t.id===e)}record(e){let t=Number(e.version);t<=this.#n||(this.#r.set(t,e),this.#i=Math.max(this.#i,t),this.#n>0&&this.#h()&&this.changed(),this.#g())}expect(e){e<=this.#i||(this.#i=e,this.#g())}forget(){this.#s++,this.#r.clear(),this.#i=0,this.load()}gone(){this.#s++,this.#l=-1,this.#r.clear(),this.#v(),this.#t=[],this.#n=this.#i=0,this.#a=`missing`,this.changed()}async load(){if(this.#c||this.#f)return;this.#c=!0,this.#v();let e=this.#s;try{let t=await this.#e.fetch();if(this.#f)return;e===this.#s&&this.#p(t)}catch(e){this.#m(e)}finally{this.#c=!1}e===this.#s?this.#g():this.load()}close(){this.#f=!0,this.#v()}#p({ticket:e,contact:t,items:n,version:r}){this.#a=`ready`,this.#o=null,this.#e.onTicket(e),this.#e.onContact(t),(r>=this.#n||this.#l!==this.#s)&&(this.#t=n,this.#n=r,this.#l=this.#s),this.#h(),this.changed()}#m(e){if(this.#o=e instanceof Error?e:Error(String(e)),e instanceof i&&e.status===404)this.#a=`missing`;else if(e instanceof i&&e.status===401)return;else this.#a===`loading`&&(this.#a=`failed`),this.#f||(this.#d??=setTimeout(()=>this.#_(),this.#e.retry));this.changed()}#h(){let e=!1,t=!1;for(;;){let n=this.#r.get(this.#n+1);if(!n)break;this.#r.delete(this.#n+1),this.#t=Ia(this.#t,n),t||=le(n),this.#n++,e=!0}for(let e of this.#r.keys())e<=this.#n&&this.#r.delete(e);return this.#i=Math.max(this.#i,this.#n),t&&queueMicrotask(()=>this.forget()),e}#g(){this.#n>=this.#i&&this.#a===`ready`?(this.#u=0,this.#v()):this.#c||this.#f||this.#a===`missing`||(this.#d??=setTimeout(()=>this.#_(),this.#e.patience*2**Math.min(this.#u++,5)))}#_(){this.#d=void 0,this.load()}#v(){clearTimeout(this.#d),this.#d=void 0}},Ua=(e,t,n)=>!e||t!==0&&(!e.from||t>=e.from)&&(!e.to||t<e.to)&&(!e.last||t>=n-e.last*1e3)&&(!e.before||t<n-e.before*1e3)&&(!e.within||t<n+e.within*1e3),Wa=(e,t)=>!e||e.length===0||e.includes(t);function Ga(e,t,n,r){return e.spam!==(t.spam??!1)||e.mergedInto!==``||t.status?.length&&!t.status.includes(e.status)&&!(e.status!==`closed`&&t.status.includes(`open`))||!Wa(t.kind,e.channel.kind)||!Wa(t.priority,e.priority)||!Wa(t.channel,e.channel.id)||!Wa(t.pipeline,e.pipeline)||!(Wa(t.stage,e.stage)||t.stage?.includes(e.stage?`${e.pipeline}:${e.stage}`:`${e.pipeline}/${e.status}`))||t.snoozed!==void 0&&t.snoozed!==(e.snoozedUntil!==0)||!Ua(t.updated,e.updatedAt,r)||!Ua(t.waiting,e.waitingSince,r)||!Ua(t.opened,e.openedAt,r)||!Ua(t.closed,e.closedAt,r)||!Ua(t.due,e.dueAt,r)||t.owner?.length&&!Ka(t.owner,e.owner?.id??``,n)||t.team?.length&&!qa(t.team,e.team,n)||t.set_aside&&(!e.setAside||e.status!==`closed`)||t.following&&!e.followers.includes(n.me)||t.mentioned&&!e.mentioned.includes(n.me)?!1:Ja(t,e)&&Ya(t,e)&&(!t.text||e.subject.toLowerCase().includes(t.text.toLowerCase()))}var Ka=(e,t,n)=>e.some(e=>t?e===t||e===`me`&&t===n.me:e===`nobody`),qa=(e,t,n)=>e.some(e=>t?e===t||e===`mine`&&n.teams.has(t):e===`none`);function Ja({tags:e},t){return e?e.none?.some(e=>t.tags.includes(e))||e.all?.some(e=>!t.tags.includes(e))?!1:!e.any?.length||e.any.some(e=>t.tags.includes(e)):!0}var Ya=({properties:e=[]},t)=>e.every(({property:e,equals:n,contains:r,any:i,at_least:a,at_most:o,unset:s})=>{let c=t.properties[e]??``;return c===``||s?c===``&&s===!0:(!n||c===n)&&(!r||c.toLowerCase().includes(r.toLowerCase()))&&(!a||Za(c,a)>=0)&&(!o||Za(c,o)<=0)&&(!i?.length||c.split(`,`).some(e=>i.includes(e)))}),Xa=/^-?[0-9]{1,15}(\.[0-9]{1,15})?$/;function Za(e,t){return Xa.test(e)&&Xa.test(t)?Number(e)-Number(t):e<t?-1:+(e>t)}var Qa=e=>[e.waiting,e.opened,e.updated,e.closed,e.due].some(e=>e&&(e.last||e.before||e.within)),$a={unassigned:{status:[`open`],owner:[`nobody`],snoozed:!1},mine:{status:[`open`],owner:[`me`],snoozed:!1},open:{status:[`open`],snoozed:!1},mentions:{mentioned:!0},following:{status:[`open`],following:!0},waiting:{status:[`new`,`waiting_on_us`],snoozed:!1},snoozed:{status:[`open`],snoozed:!0},closed:{status:[`closed`]},set_aside:{status:[`closed`],set_aside:!0},spam:{spam:!0}},eo=e=>Object.hasOwn($a,e),to={by:`updated`,ascending:!1},no=[``,`low`,`normal`,`high`,`urgent`];function ro(e,t){switch(t){case`opened`:return e.openedAt;case`waiting`:return e.waitingSince;case`due`:return e.dueAt;case`priority`:return no.indexOf(e.priority)*2**48+e.updatedAt;case`number`:return e.number;default:return e.updatedAt}}function io(e,{by:t,ascending:n}){let r=ro(e,t);return r===0?1/0:n?r:-r}var ao=[`channel`,`kind`,`status`,`pipeline`,`stage`,`priority`,`owner`,`team`,`tags`,`properties`,`waiting`,`opened`,`updated`,`closed`,`due`,`following`,`mentioned`,`snoozed`,`spam`,`set_aside`,`text`];function oo(e){let t={};for(let n of ao){let r=e[n];r===void 0||r===``||r===!1&&n!==`snoozed`||Array.isArray(r)&&r.length===0||(t[n]=r)}return JSON.stringify(t)}function so(e){if(!e)return{};try{let t=JSON.parse(e);return!t||typeof t!=`object`||Array.isArray(t)?{}:Object.fromEntries(Object.entries(t).filter(([e])=>ao.includes(e)))}catch{return{}}}var G=({by:e,ascending:t})=>(t?``:`-`)+e;function co(e){let t=(e??``).replace(/^-/,``);return[`updated`,`opened`,`waiting`,`priority`,`number`,`due`].includes(t)?{by:t,ascending:!e.startsWith(`-`)}:to}function lo(e,t=to){let n=G(t)===G(to);return typeof e==`string`?{key:n?e:`${e}|${G(t)}`,view:e,filter:$a[e],order:t}:{key:`${oo(e)}|${G(t)}`,view:``,filter:e,order:t}}function uo(e){return(t,n)=>{let r=io(t,e),i=io(n,e);return r<i?-1:r>i?1:t.id<n.id?-1:+(t.id>n.id)}}function fo({view:e,filter:t,order:n}){let r=e?`view=${e}`:`filter=${encodeURIComponent(oo(t))}`;return G(n)===G(to)?r:`${r}&sort=${n.by}&order=${n.ascending?`asc`:`desc`}`}var po=1e3,mo=class extends V{#e;#t;#n=new Map;#r;#i;#a=null;#o=0;#s=null;#c=!1;#l;#u=0;#d=!1;#f=()=>Date.now();constructor({fetch:e,me:t,delay:n=700,pause:r=3e3}){super(),this.#e=e,this.#t=typeof t==`string`?{me:t,teams:new Set}:t,this.#r=n,this.#i=r}get value(){return this.#a}watch(e){let t=!1;for(let n of e.keys())this.#n.has(n)||(t=!0);this.#n.clear();for(let[t,n]of e)this.#n.set(t,n);t&&this.#a&&this.read()}ticked(){[...this.#n.values()].some(Qa)&&this.doubt()}rowChanged(e,t){if(t.position&&t.position<=this.#o)return;if(!e&&!this.#p(t)){this.doubt();return}let n=this.#h(e,t);n&&(this.#s?.push({position:t.position,delta:n}),this.#a&&this.#m(ho(this.#a,n)),this.#f()-this.#u<po&&this.doubt())}rowGone(e){let t=e&&this.#a&&this.#h(e,void 0);t&&this.#m(ho(this.#a,t)),this.doubt()}#p(e){return this.#o>0&&e.version<=2&&e.position-e.version+1>this.#o}doubt(){if(this.#s){this.#c=!0;return}if(this.#d)return;let e=Math.max(this.#r,this.#u+this.#i-this.#f());this.#l??=setTimeout(()=>void this.read(),e*(1+.3*Math.random()))}stop(){this.#d=!0,clearTimeout(this.#l),this.#l=void 0}async read(){if(clearTimeout(this.#l),this.#l=void 0,this.#s){this.#c=!0;return}let e=this.#s=[];this.#c=!1;try{let t=await this.#e(this.#n),n=t.position?e.filter(e=>e.position>t.position):[];this.#o=t.position,this.#u=this.#f();let{position:r,...i}=t;this.#m(n.reduce((e,t)=>ho(e,t.delta),i)),(n.length>0||!t.position&&e.length>0)&&(this.#c=!0)}catch{this.#u=this.#f(),this.#c=!0}this.#s=null,this.#c&&this.doubt()}#m(e){this.#a=e,this.changed()}#h(e,t){let n={},r=!1,i=this.#f();for(let a of[Object.entries($a),this.#n])for(let[o,s]of a){let a=Number(t?Ga(t,s,this.#t,i):!1)-Number(e?Ga(e,s,this.#t,i):!1);a!==0&&(n[o]=a,r=!0)}return r?n:null}};function ho(e,t){let n={...e};for(let[e,r]of Object.entries(t))e in n&&(n[e]=Math.max(0,n[e]+r));return n}var go=()=>({text:``,html:``,to:[],cc:[],bcc:[],attachments:[],mentions:[],seenVersion:0}),_o=e=>e.text.trim()===``&&e.attachments.length===0&&!e.html.includes(`<img`),vo=class extends V{#e;#t=new Map;#n=new Map;#r=!1;constructor(e){super(),this.#e={rest:2e3,apart:4e3,longest:1e4,retry:8e3,...e}}open(e,t,n){for(let n of[`reply`,`note`]){let r=this.#d(e,n);r.paper=_o(t[n])?null:t[n]}let r=this.#n.get(e)??new Set;return this.#n.set(e,r.add(n)),this.reread(e),()=>{r.delete(n),r.size===0&&this.#n.delete(e),this.leave(e)}}written(e,t,n){let r=this.#d(e,t);r.paper=_o(n)?null:n,r.cause=`discarded`,this.#s(r)}sent(e,t){let n=this.#d(e,t);n.paper=null,n.displaced=null,n.cause=`sent`,this.changed(),this.#l(n,!1)}displaced(e,t){return this.#t.get(yo(e,t))?.displaced??null}letGo(e,t){let n=this.#d(e,t);n.displaced&&(n.displaced=null,n.letGo=!0,this.changed(),this.#l(n,!1))}leave(e){for(let t of this.#t.values())e&&t.conversation!==e||this.#o(t)&&this.#l(t,!0)}stop(){this.leave(),this.#r=!0;for(let e of this.#t.values())clearTimeout(e.timer)}get shown(){return[...this.#n.keys()]}async reread(e){let t;try{t=await this.#e.read(e)}catch{return}for(let n of[`reply`,`note`]){let r=t.find(e=>e.kind===n);r?this.heard(r):this.#i(this.#d(e,n),0,``)}}heard(e){if(!this.#n.has(e.conversation))return;let t=this.#d(e.conversation,e.kind);if(!e.paper){e.device!==this.#e.device&&this.#i(t,e.version,e.cause);return}if(e.version<t.base)return;let n=K(e.paper)===K(t.paper);n||!this.#o(t)?(this.#u(t,e.version,e.paper),n||this.#a(t,e.paper,``)):!t.timer&&!t.busy&&this.#s(t),t.letGo||(t.displaced=e.displaced&&K(e.displaced)!==K(t.paper)?e.displaced:null,this.changed())}#i(e,t,n){if(t&&t<e.base)return;if(this.#o(e)){t&&(e.base=t),this.#s(e);return}let r=e.paper!==null;e.displaced=null,this.#u(e,t,null),r&&this.#a(e,null,n)}#a(e,t,n){e.paper=t;for(let r of this.#n.get(e.conversation)??[])r(e.kind,t??go(),n);this.changed()}#o(e){return K(e.paper)!==e.saved||e.letGo}#s(e){if(!this.#o(e)){clearTimeout(e.timer),e.timer=void 0,e.dirtySince=0;return}let t=Date.now();e.dirtySince||=t;let n=Math.min(t+this.#e.rest,e.dirtySince+this.#e.longest);this.#c(e,Math.max(n,e.lastSave+this.#e.apart)-t)}#c(e,t){clearTimeout(e.timer),e.timer=setTimeout(()=>void this.#l(e,!1),Math.max(0,t))}async#l(e,t){if(clearTimeout(e.timer),e.timer=void 0,this.#r||e.busy&&!t)return;let n=e.paper,r=K(n);if(!this.#o(e)||r===e.refused)return;e.busy=!0,e.dirtySince=0,e.lastSave=Date.now();let{conversation:a,kind:o,base:c,letGo:l}=e;try{let r=n?await this.#e.save({conversation:a,kind:o,paper:n,base:c,letGo:l},t):await this.#e.clear(a,o,e.cause,t);e.letGo=e.letGo&&!l,this.#u(e,r,n)}catch(t){t instanceof s||t instanceof i&&(t.code===`limit`||t.code===`unavailable`||t.code===`internal`)?this.#r||this.#c(e,t instanceof i&&t.code===`limit`?this.#e.rest:this.#e.retry):(e.refused=r,e.letGo=!1)}e.busy=!1,!e.timer&&!this.#r&&K(e.paper)!==e.refused&&this.#s(e)}#u(e,t,n){e.base=Math.max(e.base,t),e.saved=K(n);try{let t=this.#f(e);n?this.#e.storage.setItem(t,JSON.stringify({base:e.base,saved:e.saved})):this.#e.storage.removeItem(t)}catch{}}#d(e,t){let n=yo(e,t),r=this.#t.get(n);if(!r){r={conversation:e,kind:t,base:0,paper:null,saved:``,displaced:null,dirtySince:0,lastSave:0,timer:void 0,busy:!1,cause:`discarded`,letGo:!1,refused:null};try{let e=p(JSON.parse(this.#e.storage.getItem(this.#f(r))??`{}`));r.base=f(e.base),r.saved=d(e.saved)}catch{}this.#t.set(n,r)}return r}#f(e){return`centralita.draftsync.${this.#e.agent}.${e.conversation}.${e.kind}`}},yo=(e,t)=>`${e}/${t}`;function K(e){if(!e||_o(e))return``;let t=JSON.stringify([e.text,e.html,e.to,e.cc,e.bcc,e.attachments.map(e=>e.blob),e.mentions]),n=3735928559,r=1103547991;for(let e=0;e<t.length;e++){let i=t.charCodeAt(e);n=Math.imul(n^i,2654435761),r=Math.imul(r^i,1597334677)}return n=Math.imul(n^n>>>16,2246822507)^Math.imul(r^r>>>13,3266489909),r=Math.imul(r^r>>>16,2246822507)^Math.imul(n^n>>>13,3266489909),`${(r>>>0).toString(36)}.${(n>>>0).toString(36)}`}function bo(e){let t=p(e);return{conversation:d(t.conversation),kind:t.kind===`note`?`note`:`reply`,version:f(t.version),savedAt:me(t.saved_at),device:d(t.device),paper:xo(t.writing),displaced:t.displaced?xo(t.displaced):null,cause:``}}function xo(e){let t=p(e),n=e=>u(e).map(d);return{text:d(t.text),html:d(t.html),to:n(t.to),cc:n(t.cc),bcc:n(t.bcc),mentions:n(t.mentions),seenVersion:f(t.seen_version),attachments:u(t.attachments).map(e=>{let t=p(e);return{blob:d(t.blob),name:d(t.name),mediaType:d(t.media_type),size:f(t.size),inline:t.inline===!0,contentId:d(t.content_id)}})}}function So(e){return{conversation:e.conversation,kind:e.note?`note`:`reply`,version:Number(e.version),savedAt:Number(e.savedAtMs),device:e.device,paper:e.writing?Co(e.writing):null,displaced:e.displaced?Co(e.displaced):null,cause:e.cause}}function Co(e){return{text:e.text,html:e.html,to:[...e.to],cc:[...e.cc],bcc:[...e.bcc],mentions:[...e.mentions],seenVersion:Number(e.seenVersion),attachments:e.files.map(e=>({blob:e.blob,name:e.name,mediaType:e.mediaType,size:Number(e.size),inline:e.inline,contentId:e.contentId}))}}function wo(e){return{text:e.text,html:e.html,to:e.to,cc:e.cc,bcc:e.bcc,mentions:e.mentions,seen_version:e.seenVersion,attachments:e.attachments.map(e=>({blob:e.blob,name:e.name,media_type:e.mediaType,size:e.size,inline:e.inline,content_id:e.contentId}))}}var To=1.6,Eo=class{#e;#t;#n;#r=0;constructor({base:e=500,cap:t=3e4,random:n=Math.random}={}){this.#e=e,this.#t=t,this.#n=n}get failures(){return this.#r}reset(){this.#r=0}next(){let e=Math.min(this.#t,this.#e*To**Math.min(this.#r,40));return this.#r++,Math.round(e*(.1+.9*this.#n()))}soon(){return Math.round(this.#e*this.#n())}},Do=new Set([`unavailable`,`limit`,`internal`]),Oo=class extends V{#e;#t;#n;#r=new Map;#i=new Set;#a;#o=!1;constructor(e){super(),this.#e=e,this.#t=e.backoff??new Eo({base:1e3}),this.#n=`centralita.outbox.${e.agent}.`,this.reread()}of(e){return[...this.#r.values()].filter(t=>t.conversation===e).sort((e,t)=>e.at-t.at)}get size(){return[...this.#r.values()].filter(e=>e.state!==`accepted`).length}add(e){this.#l({...e,state:`queued`,code:``,reason:``,error:``}),this.flush()}retry(e,t=!1){let n=this.#r.get(e);if(n?.state!==`refused`)return;let r=t?{...n.sending,anyway:t}:n.sending;this.#l({...n,sending:r,state:`queued`,code:``,reason:``,error:``}),this.flush()}discard(e){let t=this.#r.get(e);if(t&&t.state!==`sending`)return this.#u(e),t}settled(e){for(let t of[...this.#r.values()])e(t.id)&&t.state!==`sending`&&this.#u(t.id)}reread(){let e=new Set,{storage:t}=this.#e;for(let n=0;n<t.length;n++){let r=t.key(n);if(!r?.startsWith(this.#n))continue;let i=Ao(t.getItem(r));if(!i)continue;e.add(i.id);let a=this.#r.get(i.id);a&&a.state!==`refused`&&a.state!==`queued`||this.#r.set(i.id,i)}for(let t of[...this.#r.values()])e.has(t.id)||t.state!==`queued`&&t.state!==`refused`||this.#r.delete(t.id);this.changed()}flush(){if(clearTimeout(this.#a),this.#a=void 0,this.#o)return;let e=new Map;for(let t of[...this.#r.values()].sort((e,t)=>e.at-t.at))t.state===`queued`&&!e.has(t.conversation)&&e.set(t.conversation,t);for(let t of e.values())this.#i.has(t.conversation)||this.#s(t)}stop(){this.#o=!0,clearTimeout(this.#a)}async#s(e){this.#i.add(e.conversation),this.#r.set(e.id,{...e,state:`sending`}),this.changed();try{let t=await this.#e.run(ko(e));this.#t.reset();let n={...e,state:`accepted`};this.#e.storage.removeItem(this.#n+e.id),this.#r.set(e.id,n),this.#e.onAccepted(n,t)}catch(t){this.#c(e,t)}this.#i.delete(e.conversation),this.changed(),this.#a||this.flush()}#c(e,t){if(t instanceof s||t instanceof i&&Do.has(t.code))this.#r.set(e.id,{...e,state:`queued`}),this.#a??=setTimeout(()=>this.flush(),this.#t.next());else if(t instanceof i&&t.status===401)this.#r.set(e.id,{...e,state:`queued`}),this.stop();else{let n=t instanceof i?t.code:`internal`,r=t instanceof i?t.reason:``;this.#l({...e,state:`refused`,code:n,reason:r,error:t instanceof Error?t.message:String(t)})}}#l(e){this.#r.set(e.id,e);try{this.#e.storage.setItem(this.#n+e.id,JSON.stringify(e))}catch{}this.changed()}#u(e){this.#r.delete(e),this.#e.storage.removeItem(this.#n+e),this.changed()}};function ko(e){let{id:t,conversation:n,draft:r,close:i,sending:a}=e;return e.kind===`reply`?{kind:`reply`,conversation:n,message:t,draft:r,close:i,sending:a}:{kind:`note`,conversation:n,message:t,draft:r}}function Ao(e){try{let t=JSON.parse(e??``);return typeof t.id==`string`&&typeof t.conversation==`string`&&t.draft?t:null}catch{return null}}var q=class extends V{#e=new Map;#t=new Map;#n=0;#r=!1;get loaded(){return this.#r}get all(){return[...this.#e.values()]}get(e){return this.#e.get(e)}upsert(e){let t=this.#e.get(e.id);t&&t.version>e.version||(this.#e.set(e.id,e),this.#t.set(e.id,++this.#n),this.changed())}mark(){return this.#n}replaceAll(e,t,n=!1){let r=new Set(e.map(e=>e.id));for(let e of[...this.#e.keys()])(this.#t.get(e)??0)>t||!n&&r.has(e)||this.#e.delete(e);for(let t of e){let e=this.#e.get(t.id);(!e||e.version<=t.version)&&this.#e.set(t.id,t)}this.#r=!0,this.changed()}},jo=class extends q{get all(){return super.all.filter(e=>!e.removed)}},Mo=e=>({id:e.team,name:e.name,members:e.members.map(({agent:e,main:t})=>({agent:e,main:t})),replyChannel:e.replyChannel,removed:e.removed,version:Number(e.version)});async function No(e,{agents:t,channels:n,teams:r},i){let a=async(t,n,r,a)=>{let o=t.mark(),s=await e.get(n);t.replaceAll(u(s[r]).map(a),o,i)};await Promise.allSettled([a(t,`/agents`,`agents`,ve),a(n,`/channels`,`channels`,he),a(r,`/teams?removed=true`,`teams`,ce)])}var Po=6e3,Fo=75e3,Io=class extends V{#e=new Map;#t;sign(e,{who:t,name:n,typing:r,left:i}){let a=this.#e.get(e)??new Map;if(this.#e.set(e,a),i)a.delete(t);else{let e=Date.now(),i=t===`contact`?0:e+Fo;a.set(t,{who:t,name:n,looksUntil:i,typesUntil:r?e+Po:0})}this.#r()}stopped(e,t){let n=this.#e.get(e)?.get(t);n&&n.typesUntil!==0&&(n.typesUntil=0,this.#r())}typing(e,t){return this.#n(e,t,(e,t)=>e.typesUntil>t)}looking(e,t){return this.#n(e,t,(e,t)=>e.looksUntil>t)}#n(e,t,n){let r=Date.now();return[...this.#e.get(e)?.values()??[]].filter(e=>e.who!==t&&n(e,r))}#r(){this.changed(),clearTimeout(this.#t);let e=Date.now(),t=1/0;for(let[n,r]of this.#e){for(let[n,i]of r)i.looksUntil<=e&&i.typesUntil<=e?r.delete(n):t=Math.min(t,...[i.looksUntil,i.typesUntil].filter(t=>t>e));r.size===0&&this.#e.delete(n)}t<1/0&&(this.#t=setTimeout(()=>this.#r(),t-e+20))}},Lo=60,Ro=e=>new Map(e.slice(0,Lo).map(({value:e})=>{let t=lo(so(e.filter),co(e.sort||null));return[t.key,t.filter]}));async function zo(e,t){let n=[...t].slice(0,100),[r,i]=await Promise.all([e.get(`/tickets/counts`),n.length>0?e.post(`/tickets/counts`,{filters:n.map(([,e])=>e)}):null]),a={position:0};for(let e of[...Object.keys($a),`position`])e in r&&(a[e]=f(r[e]));if(i){for(let[e,t]of u(i.counts).entries())a[n[e][0]]=f(p(t).count);a.position=Math.min(a.position,f(i.position))}return a}var Bo=class extends V{count=0;heard(){this.count++,this.changed()}},Vo=[`text`,`long_text`,`number`,`date`,`choice`,`multi_choice`,`checkbox`,`url`,`email`,`phone`],Ho={tag:`/tags`,pipeline:`/pipelines`,property:`/properties`,snippet:`/snippets`,macro:`/macros`,skill:`/skills`,view:`/views`},J=e=>u(e).map(d),Y=e=>{let t=d(e).replace(/^(TICKET_STATUS|PRIORITY|PROPERTY_OF|PROPERTY_KIND|SKILL_KIND)_/,``).toLowerCase();return t===`unspecified`?``:t},Uo={tag:e=>({name:d(e.name),colour:d(e.colour)||`grey`}),pipeline:e=>({name:d(e.name),default:e.default===!0,stages:u(e.stages).map(p).map(e=>({id:d(e.id),name:d(e.name),status:Y(e.status)}))}),property:e=>({name:d(e.name),label:d(e.label),of:Y(e.of),kind:Y(e.kind),choices:u(e.choices).map(p).map(e=>({id:d(e.id),label:d(e.label)})),requiredToClose:e.required_to_close===!0,order:f(e.order),help:d(e.help)}),snippet:e=>({name:d(e.name),shortcut:d(e.shortcut),text:d(e.text),html:d(e.html),owner:d(e.owner),teams:J(e.teams)}),macro:e=>({name:d(e.name),owner:d(e.owner),teams:J(e.teams),replyText:d(e.reply_text),replyHtml:d(e.reply_html),note:d(e.note),addTags:J(e.add_tags),removeTags:J(e.remove_tags),status:Y(e.status),pipeline:d(e.pipeline),stage:d(e.stage),assign:d(e.assign),team:d(e.team),priority:Y(e.priority)}),view:e=>({name:d(e.name),icon:d(e.icon),filter:d(e.filter),sort:d(e.sort),layout:d(e.layout),group:d(e.group),columns:J(e.columns),order:f(e.order),owner:d(e.owner),teams:J(e.teams)}),skill:e=>({name:d(e.name),category:d(e.category),kind:Y(e.kind)===`language`?`language`:`topic`})},Wo=e=>e.replace(/[A-Z]/g,e=>`_${e.toLowerCase()}`),Go=e=>Object.fromEntries(Object.entries(e).map(([e,t])=>[Wo(e),t]));function Ko(e,t){let n=p(t);return{id:d(n.id),kind:e,version:f(n.version),removed:n.removed===!0,changedBy:d(n.changed_by),changedAt:me(n.changed_at),value:Uo[e](n)}}var qo=e=>e in Uo,Jo=e=>Object.entries(e).flatMap(([e,t])=>qo(e)?u(t).map(t=>Ko(e,t)):[]);function Yo(e){if(!qo(e.kind)||!e.value)return;let t=p(fi(la,e.value,{useProtoFieldName:!0,alwaysEmitImplicit:!0}));return{id:e.setting,kind:e.kind,version:Number(e.version),removed:e.removed,changedBy:e.by,changedAt:Number(e.changedAtMs),value:Uo[e.kind](p(t[e.kind]))}}var Xo=class extends q{of(e){return this.all.filter(t=>t.kind===e&&!t.removed).sort((e,t)=>Zo(e)-Zo(t)||Qo(e).localeCompare(Qo(t)))}find(e,t){let n=this.get(t);return n?.kind===e?n:void 0}forMe(e,t,n){return this.of(e).filter(({value:e})=>e.owner?e.owner===t:e.teams.length===0||e.teams.some(e=>n.includes(e)))}pipeline(e){return this.find(`pipeline`,e)??this.of(`pipeline`).find(e=>e.value.default)}},Zo=e=>e.kind===`property`||e.kind===`view`?e.value.order:0,Qo=e=>e.kind===`property`?e.value.label:e.value.name,X={goingAway:1001,restart:1012,authExpired:4001,forbidden:4003,slow:4008,replaced:4009},$o=15e3,es=25e3,ts=5e3,ns=1e4,rs=1e4,is=class extends V{#e;#t;#n;#r=`idle`;#i=``;#a=0;#o=0;#s=null;#c=!1;#l=0;#u=0;#d=0;#f=es;#p;#m;#h=0;#g={conversations:[],agents:!1,channels:!1,looking:``};#_=``;#v=0;#y=0;constructor(e){super(),this.#e=e,this.#t=e.backoff??new Eo,this.#n=e.now??Date.now}get state(){return this.#r}get retryAt(){return this.#h}get epoch(){return this.#i}get position(){return this.#o}get usable(){return this.#c}start(e,t){this.#i=e,this.#o=this.#a=t,this.#p??=setInterval(()=>this.#M(),5e3),this.#b()}stop(e=`idle`){clearInterval(this.#p),this.#p=void 0,this.#F(),this.#I(e)}subscribe(e){this.#g=e,this.#c&&this.#S()}send(e){return!this.#c||!this.#s?!1:(this.#s.send(pi(B,e)),!0)}doubt(){this.#r===`waiting`?this.#b():this.#c&&(this.#N(ts),setTimeout(()=>this.#M(),5050))}reopen(){this.#r!==`idle`&&this.#r!==`signed_out`&&(this.#F(),this.#b())}#b(){this.#F(),this.#I(`connecting`),this.#l=this.#u=this.#n();let e;try{e=this.#e.open()}catch{this.#j(this.#t.next());return}this.#s=e,e.onopen=()=>{this.#s===e&&this.#x(e)},e.onmessage=t=>{this.#s===e&&this.#C(t.data)},e.onerror=()=>{},e.onclose=t=>{this.#s===e&&this.#O(t.code)}}#x(e){this.#_=``,this.#y=0,this.#d=this.#n(),this.#f=ns;let t=x(B,{id:`hello`,kind:{case:`hello`,value:{epoch:this.#i,position:BigInt(this.#o)}}});e.send(pi(B,t)),this.#S()}#S(){let e=x(B,{id:`subscribe`,kind:{case:`subscribe`,value:{tickets:!0,...this.#g}}});this.#s?.send(pi(B,e))}#C(e){this.#u=this.#n(),this.#d=0;let t;try{t=ki(va,String(e),{ignoreUnknownFields:!0}).kind}catch{this.#e.onReset();return}switch(t.case){case`welcome`:this.#E(t.value.epoch,Number(t.value.position));break;case`reset`:this.#D(t.value.epoch,Number(t.value.position));break;case`caughtUp`:this.#w(Number(t.value.position));break;default:this.#e.onFrame(t),this.#T(as(t))}}#w(e){this.#o=Math.max(this.#o,e),this.#a=Math.max(this.#a,this.#o),this.#y>0&&(this.#y--,e>this.#v&&(this.#y=0,this.#e.onReset())),this.#r!==`live`&&(this.#I(`live`),this.#e.onLive())}#T(e){e<=this.#a||(this.#a=e,this.#o=Math.max(this.#o,e-1))}#E(e,t){this.#c=!0,this.#I(`catching_up`),this.#i===``?(this.#i=e,this.#o=this.#a=t):e!==this.#i&&this.#D(e,t)}#D(e,t){let n=`${e}/${t}`;this.#i=e||this.#i,this.#o=this.#a=t,this.#_!==n&&(this.#_=n,this.#v=t,this.#y=2,this.#e.onReset())}#O(e){let t=this.#n()-this.#l,n=this.#c;this.#F(),n&&t>rs&&this.#t.reset(),e===X.forbidden||e===X.replaced?this.#I(`parked`):(e===X.goingAway||e===X.restart||e===X.slow)&&t>rs?this.#j(this.#t.soon()):e===X.authExpired&&n?this.#j(Math.max(1e3,this.#t.next())):(this.#j(this.#t.next()),n||this.#k())}async#k(){await this.#e.probe().catch(()=>`offline`)===`signed_out`&&this.#r!==`idle`&&this.#A()}#A(){this.stop(`signed_out`),this.#e.onSignedOut()}#j(e){this.#h=this.#n()+e,this.#m=setTimeout(()=>this.#b(),e),this.#I(`waiting`)}#M(){if(!this.#s)return;let e=this.#n();this.#c?this.#d?e-this.#d>=this.#f&&this.#P():e-this.#u>=$o&&this.#N(es):e-this.#l>=ns&&this.#P()}#N(e){this.#f=this.#d?Math.min(this.#f,e):e,this.#d||=this.#n(),this.send(x(B,{kind:{case:`ping`,value:{}}}))}#P(){this.#F(),this.#j(this.#t.next())}#F(){clearTimeout(this.#m),this.#m=void 0,this.#h=0,this.#c=!1,this.#d=0;let e=this.#s;this.#s=null,e&&(e.onopen=e.onmessage=e.onclose=null,e.close())}#I(e){this.#r=e,this.changed()}};function as(e){switch(e.case){case`ticket`:case`agent`:case`channel`:case`contact`:return Number(e.value.position);case`record`:return Number(e.value.record?.position??0n);default:return 0}}var os=class extends V{#e=new Map;#t=new Set;#n=new Map;#r=0;onKept=()=>{};get generation(){return this.#r}newGeneration(){this.#r++,this.#n.clear();for(let e of this.#t)e.stale=!0;this.changed()}get(e){return this.#e.get(e)?.ticket}upsert(e,t=this.#r){let n=this.#n.get(e.id);if(n!==void 0){if(e.position<=n)return{kept:!1,before:void 0};this.#n.delete(e.id)}let r=this.#e.get(e.id),i=r&&r.generation>=t?r.ticket:void 0;if(t<this.#r||i&&i.version>=e.version)return{kept:!1,before:i};this.#e.set(e.id,{ticket:e,generation:t});for(let t of this.#t)t.replace(r?.ticket,e);return i&&this.onKept(i,e),this.changed(),{kept:!0,before:i}}gone(e,t){this.#n.set(e,t);let n=this.#e.get(e)?.ticket;if(n){this.#e.delete(e);for(let e of this.#t)e.remove(n);return this.changed(),n}}adopt(e,t,n,r){r&&(e.restart(e=>{let t=this.#e.get(e.id);return t?.ticket===e&&t.generation===this.#r}),this.#i());for(let e of t)this.upsert(e);e.pageLoaded(t,n),this.changed()}list(e,t){let n=new ss(typeof e==`string`?lo(eo(e)?e:{}):e,typeof t==`string`?{me:t,teams:new Set}:t);for(let{ticket:e}of this.#e.values())n.replace(void 0,e);return this.#t.add(n),n}drop(e){this.#t.delete(e)}ticked(e){let t=!1;for(let n of this.#t)(e||Qa(n.spec.filter))&&(n.rebuild([...this.#e.values()].map(e=>e.ticket)),t=!0);t&&this.changed()}#i(){if(![...this.#t].some(e=>e.stale)){for(let[e,{ticket:t,generation:n}]of this.#e)if(n!==this.#r){this.#e.delete(e);for(let e of this.#t)e.remove(t)}}}},ss=class{spec;#e;#t;#n=new Map;#r=[];#i=`top`;#a=null;next=``;stale=!1;loaded=!1;constructor(e,t){this.spec=e,this.#e=t,this.#t=uo(e.order)}get name(){return this.spec.key}get complete(){return this.loaded&&this.next===``}get rows(){return this.#a??=this.#r.slice(0,this.#c()),this.#a}replace(e,t){e&&this.remove(e),Ga(t,this.spec.filter,this.#e,Date.now())&&(this.#a=null,this.#n.set(t.id,t),this.#r.splice(this.#o(t),0,t))}remove(e){let t=this.#n.get(e.id);t&&(this.#n.delete(e.id),this.#r.splice(this.#o(t),1),this.#a=null)}restart(e){this.#r=this.#r.filter(e),this.#n.clear();for(let e of this.#r)this.#n.set(e.id,e);this.#a=null,this.#i=`top`,this.stale=!1}rebuild(e){let t=Date.now();this.#r=e.filter(e=>Ga(e,this.spec.filter,this.#e,t)).sort(this.#t),this.#n.clear();for(let e of this.#r)this.#n.set(e.id,e);this.#a=null}pageLoaded(e,t){this.#a=null,this.loaded=!0,this.next=t;let n=e.at(-1);t===``?this.#i=`end`:n&&(typeof this.#i==`string`||this.#t(n,this.#i)>0)&&(this.#i=n)}#o(e){return this.#s(t=>this.#t(t,e)>=0)}#s(e){let t=0,n=this.#r.length;for(;t<n;){let r=t+n>>1;e(this.#r[r])?n=r:t=r+1}return t}#c(){let e=this.#i;return e===`end`?this.#r.length:e===`top`?0:this.#s(t=>this.#t(t,e)>0)}},cs=5,ls=24,us=2e4,ds=15e3,fs=class extends V{http;me;link;tickets=new os;counts;agents=new q;channels=new q;contacts=new q;teams=new jo;settings=new Xo;presence=new Io;sides=new Bo;outbox;drafts;#e;#t;#n=new Map;looker;#r=new Map;#i=[];#a=new Set;#o=``;#s;#c=()=>{};#l=``;#u=()=>{};#d;#f=0;#p;constructor(e){super(),this.#e=e,this.http=e.http,this.me=e.me.id,this.agents.upsert(e.me),this.looker={me:this.me,teams:new Set},this.teams.onChange(()=>this.#g()),this.counts=new mo({fetch:e=>zo(this.http,e),me:this.looker}),this.tickets.onKept=(e,t)=>this.counts.rowChanged(e,t),this.link=new is({open:e.open,onFrame:e=>this.#w(e),onReset:()=>this.reread(),onLive:()=>this.#D(),probe:()=>this.#A(),onSignedOut:e.onSignedOut,backoff:e.backoff}),this.link.onChange(()=>this.#O()),this.#t=new Ca(this.link,e.http),this.drafts=this.#m(),this.outbox=new Oo({storage:e.storage,agent:this.me,run:e=>this.act(e),onAccepted:(e,t)=>this.#C(e.conversation,t)})}#m(){let e=e=>`/conversations/${encodeURIComponent(e)}/drafts`,t=ba(``);return new vo({device:t,storage:this.#e.storage,agent:this.me,read:async t=>u((await this.http.get(e(t))).drafts).map(bo),save:async({conversation:n,kind:r,paper:i,base:a,letGo:o},s)=>{let c={...wo(i),base:a,device:t,leaving:s,let_go:o},l=`${e(n)}/${r}`;return f((await(s?this.http.leaving(`PUT`,l,c):this.http.put(l,c))).version)},clear:async(n,r,i,a)=>{let o=`${e(n)}/${r}?cause=${i}&device=${t}`;return f((await(a?this.http.leaving(`DELETE`,o):this.http.delete(o))).version)}})}start(){this.#S(),this.link.start(this.#e.epoch,this.#e.position),this.counts.read(),this.loadPeople(),this.#s=setInterval(()=>(this.tickets.ticked(!1),this.counts.ticked()),us),this.loadSettings(),this.#d=setInterval(()=>this.#k(),ds),this.outbox.flush()}stop(){clearInterval(this.#d),clearInterval(this.#s),clearTimeout(this.#p),this.link.stop(),this.counts.stop(),this.outbox.stop(),this.drafts.stop();for(let e of this.#i)e.close()}onAccount(e){this.#c=e}onMessage(e){this.#u=e}list(e){let t=typeof e==`string`?lo(eo(e)?e:{}):e,n=this.#n.get(t.key);return n||(n=this.tickets.list(t,this.looker),this.#n.set(t.key,n),this.#h(t.key)),n}#h(e){for(let[t,n]of this.#n){if(this.#n.size<=ls)return;t===e||t===this.#o||eo(t)||(this.#n.delete(t),this.tickets.drop(n))}}show(e){let t=this.list(e);this.#o=t.name,(!t.loaded||t.stale)&&this.#_(t,!0)}read(e){let t=this.list(e);(!t.loaded||t.stale)&&this.#_(t,!0)}savedCounts(){return Ro(this.settings.forMe(`view`,this.me,[...this.looker.teams]))}more(e){let t=this.list(e);t.loaded&&!t.stale&&t.next!==``&&this.#_(t,!1)}#g(){let e=this.teams.all.filter(e=>e.members.some(e=>e.agent===this.me)).map(e=>e.id);e.toSorted().join()!==[...this.looker.teams].toSorted().join()&&(this.looker.teams=new Set(e),this.tickets.ticked(!0))}#_(e,t){let n=this.#r.get(e);if(n)return n;let r=this.#v(e,t).catch(n=>this.#y(e,t,n)).finally(()=>{this.#r.delete(e),e.stale&&this.#o===e.name&&this.#_(e,!0)});return this.#r.set(e,r),r}async#v(e,t){let n=this.tickets.generation,r=this.#e.pageSize??50,i=t?Math.min(200,Math.max(r,e.rows.length)):r,a=t?``:`&cursor=${encodeURIComponent(e.next)}`,o=await this.http.get(`/tickets?${fo(e.spec)}&limit=${i}${a}`);if(n!==this.tickets.generation)return;let s=d(o.epoch);if(s&&this.link.epoch&&s!==this.link.epoch){this.link.reopen();return}let c=u(o.tickets).map(ge);this.#E(c),this.tickets.adopt(e,c,d(o.next),t),c.length===0&&e.next!==``&&await this.#v(e,!1)}async#y(e,t,n){n instanceof i&&n.status===401||(n instanceof i&&n.status===400&&!t?e.stale=!0:(await new Promise(e=>setTimeout(e,2e3)),t&&(e.stale=!0),this.changed()))}conversation(e){return this.#i.find(t=>t.id===e)}enter(e){let t=this.#i.findIndex(t=>t.id===e),n=t>=0?this.#i.splice(t,1)[0]:this.#b(e);for(this.#i.push(n);this.#i.length>cs;)this.#i.shift()?.close();return this.#S(),(t<0||n.state===`failed`)&&n.load(),n}#b(e){let t=new Ha({id:e,fetch:()=>this.#x(e),onTicket:e=>this.#E([e]),onContact:e=>this.contacts.upsert(e)});return t.onChange(()=>this.outbox.settled(e=>t.has(e))),t}async#x(e){let t=await this.http.get(`/conversations/${encodeURIComponent(e)}`);return{ticket:ge(t.ticket),contact:_e(t.contact),items:u(t.timeline).map(de),version:f(t.version)}}#S(){this.link.subscribe({conversations:this.#i.map(e=>e.id),agents:!0,channels:!0,looking:this.#l})}look(e){this.#l!==e&&(this.#l=e,this.#S())}async act(e){let t=await this.#t.run(e);return this.link.state===`waiting`&&this.link.doubt(),`conversation`in e&&this.conversation(e.conversation)?.expect(t.version),t}#C(e,t){let n=this.conversation(e);n?.expect(t.version),n&&this.outbox.settled(e=>n.has(e))}typing(e,t){this.link.send(x(B,{kind:{case:`typing`,value:{conversation:e,on:t}}}))}#w(e){switch(e.case){case`ticket`:e.value.ticket&&this.#T(re(e.value.ticket));break;case`gone`:{let{conversation:t,position:n}=e.value;this.counts.rowGone(this.tickets.gone(t,Number(n))),this.#a.delete(t),this.conversation(t)?.gone();break}case`record`:{let t=e.value.record;t&&this.conversation(t.stream.slice(13))?.record(t);break}case`agent`:e.value.agent&&this.agents.upsert(l(e.value.agent,e.value.partial));break;case`channel`:e.value.channel&&this.channels.upsert(oe(e.value.channel,this.channels.get(e.value.channel.channel)));break;case`team`:e.value.team&&this.teams.upsert(Mo(e.value.team));break;case`contact`:e.value.contact&&this.contacts.upsert(te(e.value.contact));break;case`setting`:{let{setting:t,partial:n}=e.value;if(!t)break;if(n&&!t.removed){(t.owner===``||t.owner===this.me)&&this.#j();break}let r=this.settings.get(t.setting),i=Yo(t)??(r&&{...r,removed:t.removed,version:Number(t.version)});i&&this.settings.upsert(i);break}case`draft`:e.value.draft&&this.drafts.heard(So(e.value.draft));break;case`side`:this.sides.heard();break;case`account`:this.#c(e.value.what);break;case`presence`:{let{conversation:t,who:n,name:r,typing:i,left:a}=e.value;this.presence.sign(t,{who:n,name:r,typing:i,left:a});break}default:this.#t.answered(e)}}#T(e){let{kept:t,before:n}=this.tickets.upsert(e),r=this.#a.delete(e.id);(t?!n:r)&&this.counts.rowChanged(void 0,e),this.conversation(e.id)?.expect(e.version),t&&(!n||n.messages<e.messages)&&(this.presence.stopped(e.id,e.lastAuthor===`contact`?`contact`:e.owner?.id??``),this.#u(e,n))}#E(e){for(let t of e)this.tickets.get(t.id)||this.#a.add(t.id),this.tickets.upsert(t),this.conversation(t.id)?.expect(t.version)}reread(){this.tickets.newGeneration();for(let e of this.#i)e.forget();let e=this.#n.get(this.#o);e&&this.#_(e,!0),this.counts.read(),this.loadPeople(!0),this.loadSettings(!0)}#D(){this.#c(`notifications`);for(let e of this.drafts.shown)this.drafts.reread(e);this.counts.read(),this.outbox.flush();let e=this.#n.get(this.#o);e&&(!e.loaded||e.stale)&&this.#_(e,!0);for(let e of this.#i){let t=this.tickets.get(e.id);t&&e.expect(t.version),e.state===`failed`&&e.load()}}#O(){let e=this.link.usable;e||this.#t.lost(),e?this.#f=0:this.#f||=Date.now(),this.changed()}#k(){!this.#f||Date.now()-this.#f<ds||this.link.state===`signed_out`||(this.reread(),this.outbox.flush())}async#A(){try{return await this.http.get(`/me`),`ok`}catch(e){return e instanceof i&&e.status===401?`signed_out`:e instanceof s?`offline`:`ok`}}async loadPeople(e=!1){await No(this.http,this,e)}async loadSettings(e=!1){let t=this.settings.mark();try{let n=await this.http.get(`/settings`);this.settings.replaceAll(Jo(p(n.kinds)),t,e)}catch{}}#j(){this.#p??=setTimeout(()=>{this.#p=void 0,this.loadSettings()},200)}async saveSetting(e,t,n){let r=Ho[e],i=Go(n),a=Ko(e,(t===``?await this.http.post(r,i):await this.http.put(`${r}/${encodeURIComponent(t)}`,i)).item);return this.settings.upsert(a),a}async removeSetting(e){await this.http.delete(`${Ho[e.kind]}/${encodeURIComponent(e.id)}`),this.settings.upsert({...e,removed:!0,version:e.version+1})}async loadChannels(){let e=this.channels.mark(),t=await this.http.get(`/channels`);this.channels.replaceAll(u(t.channels).map(he),e)}},Z=new o({cookie:()=>document.cookie}),Q=t({phase:`loading`,expired:!1,setupNeeded:!1}),$=n(null),ps=null,ms=()=>Q.phase,hs=()=>Q.expired,gs=()=>Q.setupNeeded;function _s(){if(!e($))throw Error(`nobody is signed in`);return e($)}async function vs(){try{let e=await Z.get(`/me`);bs(ve(e.agent),d(e.epoch),f(e.position))}catch(e){if(e instanceof i&&e.status===401){Q.phase=`signed_out`,ys();return}Q.phase=`offline`,setTimeout(()=>void vs(),e instanceof s?2e3:1e4)}}async function ys(){try{Q.setupNeeded=(await Z.get(`/setup`)).needed===!0}catch{Q.setupNeeded=!1}}function bs(t,n,i){Ss(),r($,new fs({http:Z,open:xs,storage:localStorage,me:t,epoch:n,position:i,onSignedOut:Cs})),ps=Ce(e($)),e($).start(),Q.phase=`in`,Q.expired=!1}function xs(){let e=new URL(`${Z.base}/socket`,location.href);return e.protocol=e.protocol===`https:`?`wss:`:`ws:`,new WebSocket(e,[`centralita.v1.json`])}function Ss(){ps?.(),ps=null,e($)?.stop(),a()}function Cs(){Q.phase===`in`&&(Ss(),Q.phase=`signed_out`,Q.expired=!0)}Z.onSignedOut=Cs;async function ws(e,t,n=``){await Z.post(`/session`,n?{email:e,password:t,code:n}:{email:e,password:t}),Q.phase=`loading`,await vs()}async function Ts(){try{await Z.delete(`/session`)}catch{}Ss(),Q.phase=`signed_out`,Q.expired=!1}export{G as _,gs as a,ba as b,_s as c,go as d,oo as f,so as g,co as h,ms as i,Qo as l,to as m,hs as n,ws as o,eo as p,Z as r,Ts as s,vs as t,Vo as u,lo as v,Fa as y};