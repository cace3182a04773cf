// The tag of before: <script type="module" src="…/widget.js">. It brings the loader.
const loader = document.createElement('script');
loader.src = new URL('w.js', import.meta.url).href;
document.head.append(loader);
