Reveal.initialize({
  width: 1280, height: 720, margin: 0, center: false, hash: true, controls: true, progress: true,
  slideNumber: false, transition: "none", backgroundTransition: "none", overview: true, viewDistance: 3,
  display: "flex", keyboardCondition: () => !document.getElementById("fb-record").open,
});
