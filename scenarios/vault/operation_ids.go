package vault

// The ids of the operations of the certificates API, as the REST specification writes them. They stand in every exchange,
// transcript and report.
const (
	BackupCertificate          = "BackupCertificate"
	CreateCertificate          = "CreateCertificate"
	DeleteCertificate          = "DeleteCertificate"
	DeleteCertificateContacts  = "DeleteCertificateContacts"
	DeleteCertificateIssuer    = "DeleteCertificateIssuer"
	DeleteCertificateOperation = "DeleteCertificateOperation"
	GetCertificate             = "GetCertificate"
	GetCertificateContacts     = "GetCertificateContacts"
	GetCertificateIssuer       = "GetCertificateIssuer"
	GetCertificateIssuers      = "GetCertificateIssuers"
	GetCertificateOfVersion    = "GetCertificateOfVersion"
	GetCertificateOperation    = "GetCertificateOperation"
	GetCertificatePolicy       = "GetCertificatePolicy"
	GetCertificateVersions     = "GetCertificateVersions"
	GetCertificates            = "GetCertificates"
	GetDeletedCertificate      = "GetDeletedCertificate"
	GetDeletedCertificates     = "GetDeletedCertificates"
	ImportCertificate          = "ImportCertificate"
	MergeCertificate           = "MergeCertificate"
	PurgeDeletedCertificate    = "PurgeDeletedCertificate"
	RecoverDeletedCertificate  = "RecoverDeletedCertificate"
	RestoreCertificate         = "RestoreCertificate"
	SetCertificateContacts     = "SetCertificateContacts"
	SetCertificateIssuer       = "SetCertificateIssuer"
	UpdateCertificate          = "UpdateCertificate"
	UpdateCertificateIssuer    = "UpdateCertificateIssuer"
	UpdateCertificateOfVersion = "UpdateCertificateOfVersion"
	UpdateCertificateOperation = "UpdateCertificateOperation"
	UpdateCertificatePolicy    = "UpdateCertificatePolicy"
)

// Operations lists the ids of all operations.
func Operations() []string {
	return []string{
		BackupCertificate,
		CreateCertificate,
		DeleteCertificate,
		DeleteCertificateContacts,
		DeleteCertificateIssuer,
		DeleteCertificateOperation,
		GetCertificate,
		GetCertificateContacts,
		GetCertificateIssuer,
		GetCertificateIssuers,
		GetCertificateOfVersion,
		GetCertificateOperation,
		GetCertificatePolicy,
		GetCertificateVersions,
		GetCertificates,
		GetDeletedCertificate,
		GetDeletedCertificates,
		ImportCertificate,
		MergeCertificate,
		PurgeDeletedCertificate,
		RecoverDeletedCertificate,
		RestoreCertificate,
		SetCertificateContacts,
		SetCertificateIssuer,
		UpdateCertificate,
		UpdateCertificateIssuer,
		UpdateCertificateOfVersion,
		UpdateCertificateOperation,
		UpdateCertificatePolicy,
	}
}
