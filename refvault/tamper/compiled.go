package tamper

import (
	"net/http"
	"sync"
)

// once compiles the path of an operation when it is first picked: a fault may pick it at each request.
func once(method, path string) func() On {
	return sync.OnceValue(func() On { return Operation(method, path) })
}

// The operations of the API that this package picks, none of which ever changes.
var (
	onCreate           = once(http.MethodPost, "/certificates/"+name+"/create")
	onImport           = once(http.MethodPost, "/certificates/"+name+"/import")
	onMerge            = once(http.MethodPost, "/certificates/"+name+"/pending/merge")
	onReadPending      = once(http.MethodGet, "/certificates/"+name+"/pending")
	onPatchPending     = once(http.MethodPatch, "/certificates/"+name+"/pending")
	onDeletePending    = once(http.MethodDelete, "/certificates/"+name+"/pending")
	onReadVersion      = once(http.MethodGet, "/certificates/"+name+"/"+version)
	onReadDeleted      = once(http.MethodGet, "/deletedcertificates/"+name)
	onListDeleted      = once(http.MethodGet, "/deletedcertificates")
	onRecover          = once(http.MethodPost, "/deletedcertificates/"+name+"/recover")
	onPurge            = once(http.MethodDelete, "/deletedcertificates/"+name)
	onBackup           = once(http.MethodPost, "/certificates/"+name+"/backup")
	onRestore          = once(http.MethodPost, "/certificates/restore")
	onReadPolicy       = once(http.MethodGet, "/certificates/"+name+"/policy")
	onPatchPolicy      = once(http.MethodPatch, "/certificates/"+name+"/policy")
	onListVersions     = once(http.MethodGet, "/certificates/"+name+"/versions")
	onListCertificates = once(http.MethodGet, "/certificates")
	onSetIssuer        = once(http.MethodPut, "/certificates/issuers/[^/]+")
	onReadIssuer       = once(http.MethodGet, "/certificates/issuers/[^/]+")
	onIssuer           = once("", "/certificates/issuers/[^/]+")
	onReadKey          = once(http.MethodGet, "/keys/"+name+"(/"+version+")?")
	onReadSecret       = once(http.MethodGet, "/secrets/"+name+"(/"+version+")?")
	onPending          = once("", "/certificates/"+name+"/pending")
	onReadName         = once(http.MethodGet, "/certificates/"+name)
	onUpdateName       = once(http.MethodPatch, "/certificates/"+name)
	onUpdateVersion    = once(http.MethodPatch, "/certificates/"+name+"/"+version)
	onDeleteName       = once(http.MethodDelete, "/certificates/"+name)
	onCompanion        = once("", "/(keys|secrets)/"+name)
)
