package specs

// chapters lists the specs of every scenario, in the order of the catalogue.
func chapters() []func(*Suite) {
	return []func(*Suite){
		requestFromIssuer,
		readInProgress,
		readCompleted,
		readCancelledOrFailed,
		readDeletedOrOverwritten,
		conflictWhileInProgress,
		mergeOnIssuerRequest,
		cancelInProgress,
		deletePending,
		createManually,
		mergeManualRequest,
		issueNextVersion,
		importCertificate,
		authentication,
		apiVersion,
		everyAnswer,
	}
}
