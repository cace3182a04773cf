// Before the first paint: the chosen theme, if one was chosen. A file of its own because of the content security policy.
;(function () {
  try {
    var t = localStorage.getItem('centralita.theme')
    if (t === 'light' || t === 'dark') document.documentElement.dataset.theme = t
  } catch (e) {}
})()
