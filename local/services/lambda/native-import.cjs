// A test runner rewrites import() in the files it loads, and would rewrite bundles too. It does not load this one.
exports.nativeImport = (url) => import(url);
