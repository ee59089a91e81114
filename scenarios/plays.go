package scenarios

import "slices"

// Plays lists every play. A play without a rule, or a rule without a play, is refused by a test.
func Plays() []Play {
	return slices.Concat(requestPlays(), versionPlays(), certificatePlays(), protocolPlays())
}

// SendsAtOnce reports whether the play of a name sends several requests at the same time, so that the order in which a vault serves
// them is chance.
func SendsAtOnce(name string) bool {
	return slices.ContainsFunc(Plays(), func(play Play) bool { return play.AtOnce && play.Name == name })
}

// requestPlays are those of requests to an issuer, from their creation to their end.
func requestPlays() []Play {
	return []Play{
		newPlay[FormsOfCreate]("request-from-issuer"),
		newPlay[FormsOfImport]("import-certificate"),
		newPlay[RequestFromIssuer]("request-from-issuer"),
		newPlay[RequestFromOwnIssuer]("request-from-issuer"),
		newPlay[ReadInProgress]("read-in-progress"),
		newPlay[ReadCompleted]("read-completed"),
		newPlay[FailedRequest]("read-cancelled-or-failed"),
		newPlay[RejectedRequest]("read-cancelled-or-failed"),
		newPlay[CancelledRequest]("read-cancelled-or-failed"),
		newPlay[DeletedRequest]("read-deleted-or-overwritten"),
		newPlay[DeletedAfterCompletion]("read-deleted-or-overwritten"),
		newPlay[OverwrittenRequest]("read-deleted-or-overwritten"),
		newPlay[ImportedOver]("read-deleted-or-overwritten"),
		newPlay[ConflictWhileInProgress]("conflict-while-in-progress"),
		newPlay[ConflictWithIssuer]("conflict-while-in-progress"),
		newPlay[ConflictEndedByMerge]("conflict-while-in-progress"),
		newPlay[ConflictEndedByDeletion]("conflict-while-in-progress"),
		newPlay[ConflictEndedByWaiting]("conflict-while-in-progress"),

		newPlay[MergeOnIssuerRequest]("merge-on-issuer-request"),
		newPlay[MergeAfterCancellation]("merge-on-issuer-request"),
		newPlay[MergeAfterFailure]("merge-on-issuer-request"),

		newPlay[CancelInProgress]("cancel-in-progress"),
		newPlay[CancelByRequestID]("cancel-in-progress"),
		newPlay[CancelTooLate]("cancel-in-progress"),

		newPlay[DeletePending]("delete-pending"),
		newPlay[DeleteByRequestID]("delete-pending"),
		newPlay[DeleteAfterAsking]("delete-pending"),
		newPlay[DeleteCompleted]("delete-pending"),
		newPlay[DeleteCancelled]("delete-pending"),
		newPlay[DeleteFailed]("delete-pending"),
	}
}

// versionPlays are those that make versions by hand or by import, and set up what a version is made with.
func versionPlays() []Play {
	return []Play{
		newPlay[CreateManually]("create-manually"),
		newPlay[CreateWithoutIssuer]("create-manually"),
		newPlay[UnfinishedCertificate]("create-manually"),
		newPlay[NamesAtLimits]("create-manually"),
		newPlay[CreateMembers]("create-members"),
		newPlay[CertificatePolicy]("certificate-policy"),
		newPlay[SetIssuers]("issuers"),
		newPlay[IssuersChanged]("issuers"),
		newPlay[Contacts]("contacts"),
		newPlay[ImportMembers]("import-certificate"),

		newPlay[MergeManualRequest]("merge-manual-request"),
		newPlay[MergeRefused]("merge-manual-request"),
		newPlay[MergeChain]("merge-manual-request"),
		newPlay[MergeFuture]("merge-manual-request"),
		newPlay[MergeWithAttributes]("merge-manual-request"),
		newPlay[MergeElliptic]("merge-manual-request"),
		newPlay[MergeAfterDeletion]("merge-manual-request"),

		newPlay[FirstVersion]("issue-next-version"),
		newPlay[NextVersion]("issue-next-version"),
		newPlay[ReusedKey]("issue-next-version"),
		newPlay[NextVersionByHand]("issue-next-version"),
		newPlay[IncompleteFirstVersion]("issue-next-version"),
		newPlay[ChangedCertificate]("issue-next-version"),
		newPlay[DeletedName]("issue-next-version"),

		newPlay[ImportPFX]("import-certificate"),
		newPlay[ImportPEM]("import-certificate"),
		newPlay[ImportVariants]("import-certificate"),
		newPlay[ImportAgain]("import-certificate"),
		newPlay[ImportDeletedName]("import-certificate"),
	}
}

// certificatePlays are those of certificates that are there: lists, reads, updates and removals.
func certificatePlays() []Play {
	return []Play{
		newPlay[ListedCertificates]("list-certificates"),
		newPlay[ManyCertificates]("list-certificates"),
		newPlay[ListedVersions]("list-certificates"),

		newPlay[ReadCertificates]("read-certificate"),

		newPlay[UpdatedVersions]("update-certificate"),
		newPlay[UpdateMembers]("update-certificate"),

		newPlay[RecoveredCertificate]("delete-certificate"),
		newPlay[PurgedCertificate]("delete-certificate"),
		newPlay[DeletedCertificates]("delete-certificate"),

		newPlay[BackedUpCertificate]("backup-certificate"),

		newPlay[CompanionsRead]("companions"),
		newPlay[CompanionForms]("companions"),
		newPlay[CompanionLife]("companions"),
		newPlay[CompanionsChanged]("companions"),
		newPlay[CompanionNames]("companions"),

		newAtOnce[CreatesAtOnce](),
		newAtOnce[NamesAtOnce](),
		newAtOnce[DeleteAgainstCreate](),
		newAtOnce[CancelAgainstDelete](),
		newAtOnce[ImportAgainstCreate](),
		newAtOnce[ImportsAtOnce](),
	}
}

// protocolPlays are those of the rules that hold for every operation.
func protocolPlays() []Play {
	return []Play{
		newPlay[Authentication]("authentication"),
		newPlay[EveryOperation]("authentication"),
		newPlay[APIVersions]("api-version"),
		newPlay[APIVersionOfTarget]("api-version"),

		newPlay[UnknownRoutes]("every-answer"),
	}
}
