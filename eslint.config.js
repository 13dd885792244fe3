// Recommended rules, and what the browser side of Boli asks on top. Formatting is prettier's, types are tsc's.

import css from "@eslint/css";
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";

const OURS = ["portal/static/js/**/*.js", "portal/report/templates/*.js"];

export default defineConfig([
  globalIgnores(["**/vendor/**", ".venv*/**", "demo/**", "var/**"]),
  {
    files: [...OURS, "tests/portal/js/**/*.js", "eslint.config.js"],
    plugins: { js },
    extends: ["js/recommended"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "object-shorthand": "error",
      "no-implicit-coercion": ["error", { boolean: false }],
      "no-throw-literal": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-console": "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "max-lines": ["error", { max: 400, skipComments: false }],
      "max-lines-per-function": ["error", { max: 60, skipComments: true }],
      "max-depth": ["error", 4],
      complexity: ["error", 15],
    },
  },
  { files: OURS, languageOptions: { globals: globals.browser } },
  {
    files: ["portal/static/js/sw.js", "portal/static/js/record/background.js"],
    languageOptions: { sourceType: "script", globals: globals.serviceworker },
  },
  { files: ["tests/portal/js/**/*.js", "eslint.config.js"], languageOptions: { globals: globals.node } },
  {
    files: ["portal/static/style/*.css", "portal/report/templates/*.css"],
    plugins: { css },
    language: "css/css",
    extends: ["css/recommended"],
    rules: {
      "css/use-baseline": "off", // a browser that does not know a rule leaves it out; the screens are looked at in one that does
      "css/no-important": "off",
      "css/no-invalid-properties": ["error", { allowUnknownVariables: true }], // the colours are theme.css's
    },
  },
]);
