package workspace

// Cells handle errors with must; without an import here, go.mod would not keep its version.
import _ "github.com/janpfeifer/must"
