// Starts Swagger UI on the documents that the page names. A file of its own, so that the page needs no inline script.
"use strict";

const place = document.getElementById("swagger-ui");

window.ui = SwaggerUIBundle({
  domNode: place,
  urls: JSON.parse(place.dataset.documents),
  "urls.primaryName": place.dataset.shown,
  validatorUrl: null, // the default asks a public service about every document
  deepLinking: true,
  displayRequestDuration: true,
  oauth2RedirectUrl: window.location.origin + "/docs/assets/oauth2-redirect.html",
  plugins: [{ components: { Logo: () => null } }], // it brings a style of its own, which the page's policy refuses
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
});
