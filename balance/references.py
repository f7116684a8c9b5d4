"""The bibliography: every source that a definition, a limit or an error model names, by key.

A field is None where no page that shows it was read; nothing here is filled in from memory, so a
well-known paper may stand here without its title or its pages. What a source says stands with the
parameter or the threshold that names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reference:
    """One source.

    Attributes
    ----------
    key
        Name by which metrics and thresholds refer to it.
    authors
        As printed in a citation: all of up to three, else the first "et al."
    title, journal, year, volume_pages
        Where it appeared; volume_pages is the part after "year;".
    doi, pmid_or_pmc
        Identifiers without a resolver's address; the latter begins with "PMID" or "PMC".
    """

    key: str
    authors: str | None
    title: str | None
    journal: str | None
    year: int | None
    volume_pages: str | None = None
    doi: str | None = None
    pmid_or_pmc: str | None = None


REFERENCES: tuple[Reference, ...] = (
    Reference(
        "agreement2019",
        None,
        None,
        "Spine Deform",
        2019,
        pmid_or_pmc="PMID 31495478",
    ),
    Reference("ajnr39_606", None, None, "AJNR Am J Neuroradiol", 2018, "39:606"),
    Reference(
        "aorth2011",
        None,
        None,
        "Adv Orthop",
        2011,
        doi="10.1155/2011/415946",
    ),
    Reference(
        "amabile2016",
        "Amabile C et al.",
        "A new quasi-invariant parameter characterizing the postural alignment of young "
        "asymptomatic adults",
        "Eur Spine J",
        2016,
        "25:3666-3674",
        "10.1007/s00586-016-4552-y",
        "PMID 27055441",
    ),
    Reference(
        "ames2015",
        "Ames CP et al.",
        "Reliability assessment of a novel cervical spine deformity classification system",
        "J Neurosurg Spine",
        2015,
        "23:673-683",
        "10.3171/2014.12.SPINE14780",
        "PMID 26273762",
    ),
    Reference(
        "aota2009",
        "Aota Y et al.",
        "Does the fists-on-clavicles position represent a functional standing position?",
        "Spine",
        2009,
        "34(8)",
        "10.1097/BRS.0b013e31819e2191",
    ),
    Reference(
        "baroncini2023",
        "Baroncini A et al.",
        "Adherence to the Obeid coronal malalignment classification and a residual malalignment "
        "below 20 mm can improve surgical outcomes in adult spine deformity surgery",
        "Eur Spine J",
        2023,
        "32:3673-3680",
        "10.1007/s00586-023-07831-0",
        "PMID 37393421",
    ),
    Reference(
        "barrey2007",
        "Barrey C et al.",
        "Sagittal balance of the pelvis-spine complex and lumbar degenerative diseases. "
        "A comparative study about 85 cases",
        "Eur Spine J",
        2007,
        "16:1459-1467",
        "10.1007/s00586-006-0294-6",
        "PMID 17211522",
    ),
    Reference(
        "barrey2015",
        "Barrey C, Darnis A",
        "Current strategies for the restoration of adequate lordosis during lumbar fusion",
        "World J Orthop",
        2015,
        "6:117-126",
        "10.5312/wjo.v6.i1.117",
        "PMC4303780",
    ),
    Reference(
        "bland1986",
        "Bland JM, Altman DG",
        "Statistical methods for assessing agreement between two methods of clinical measurement",
        "Lancet",
        1986,
        "327:307-310",
        "10.1016/S0140-6736(86)90837-8",
    ),
    Reference(
        "bland1999",
        "Bland JM, Altman DG",
        "Measuring agreement in method comparison studies",
        "Stat Methods Med Res",
        1999,
        "8:135-160",
        "10.1191/096228099673819272",
    ),
    Reference(
        "boulay2006",
        "Boulay C et al.",
        "Sagittal alignment of spine and pelvis regulated by pelvic incidence: standard values "
        "and prediction of lordosis",
        "Eur Spine J",
        2006,
        "15:415-422",
        "10.1007/s00586-005-0984-5",
        "PMC3489325",
    ),
    Reference(
        "brazil2018",
        None,
        "Normal values for sagittal spinal alignment: a study of Brazilian subjects",
        "Clinics",
        2018,
        pmid_or_pmc="S1807-59322018000100298",
    ),
    Reference(
        "card1980",
        "Card SK, Moran TP, Newell A",
        "The keystroke-level model for user performance time with interactive systems",
        "Commun ACM",
        1980,
        "23:396-410",
        "10.1145/358886.358895",
    ),
    Reference(
        "carkeet2015",
        "Carkeet A",
        "Exact parametric confidence intervals for Bland-Altman limits of agreement",
        "Optom Vis Sci",
        2015,
        doi="10.1097/OPX.0000000000000513",
    ),
    Reference(
        "cervical2020",
        None,
        "Predictive formula of cervical lordosis in asymptomatic young population",
        "J Orthop Surg Res",
        2020,
        "15:2",
        "10.1186/s13018-019-1526-x",
        "PMID 31900173",
    ),
    Reference(
        "cervical_bodies2022",
        None,
        "Anthropometry of bodies of C3-C6 cervical vertebrae in Northwest Indian population: a "
        "cross-sectional study",
        None,
        None,
    ),
    Reference(
        "cervical_discs2024",
        None,
        None,
        None,
        2024,
        pmid_or_pmc="PMC11225399",
    ),
    Reference(
        "cervical_meta2018",
        "Guo GM et al.",
        "Cervical lordosis in asymptomatic individuals: a meta-analysis",
        "J Orthop Surg Res",
        2018,
        "13:147",
        "10.1186/s13018-018-0854-6",
        "PMC6003173",
    ),
    Reference(
        "choi2018",
        "Choi SH et al.",
        "L1 incidence reflects pelvic incidence and lumbar lordosis mismatch in sagittal balance "
        "evaluation",
        "Medicine",
        2018,
        "97:e11668",
        "10.1097/MD.0000000000011668",
        "PMC6078680",
    ),
    Reference("cobb1948", "Cobb", None, None, 1948),
    Reference(
        "clohisy2023",
        "Clohisy JCF, Kim HJ",
        "Revision surgery for proximal junctional kyphosis and the role for addressing residual "
        "deformity",
        "Int J Spine Surg",
        2023,
        "17(S2):S65",
    ),
    Reference(
        "cohen1968",
        "Cohen J",
        "Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial "
        "credit",
        "Psychol Bull",
        1968,
        "70:213-220",
    ),
    Reference(
        "csvl_noise2012",
        None,
        None,
        "Spine Deform",
        2012,
        doi="10.1016/j.jspd.2012.10.003",
    ),
    Reference(
        "ct_sizes2025",
        None,
        None,
        "Sci Rep",
        2025,
        doi="10.1038/s41598-025-05091-0",
    ),
    Reference(
        "deformity2022",
        None,
        None,
        None,
        2022,
        pmid_or_pmc="PMC9609531",
    ),
    Reference(
        "dicom_ps3_3",
        "NEMA",
        "DICOM PS3.3: Information Object Definitions",
        "Digital Imaging and Communications in Medicine",
        None,
    ),
    Reference(
        "duvalbeaupere1992",
        "Duval-Beaupère G, Schmidt C, Cosson P",
        "A barycentremetric study of the sagittal shape of spine and pelvis: the conditions "
        "required for an economic standing position",
        "Ann Biomed Eng",
        1992,
        "20:451-462",
        "10.1007/BF02368136",
    ),
    Reference(
        "faro2004",
        "Faro FD et al.",
        "Evaluation of a functional position for lateral radiograph acquisition in adolescent "
        "idiopathic scoliosis",
        "Spine",
        2004,
    ),
    Reference(
        "fleiss1969",
        "Fleiss JL, Cohen J, Everitt BS",
        "Large sample standard errors of kappa and weighted kappa",
        "Psychol Bull",
        1969,
        "72",
    ),
    Reference(
        "fracture_wedges2023",
        None,
        "Equivalent values between anterior vertebral height, wedge ratio, and wedge angle for "
        "evaluating vertebral mobility and deformity in osteoporotic vertebral fractures: a "
        "conventional observational study",
        "J Orthop Surg Res",
        2023,
        doi="10.1186/s13018-023-03758-w",
    ),
    Reference(
        "freedman_listhesis",
        "Freedman BA et al.",
        "Reliability analysis for manual radiographic measures of rotatory subluxation or lateral "
        "listhesis in adult scoliosis",
        None,
        None,
    ),
    Reference(
        "frobin1997",
        "Frobin W et al.",
        "Precision measurement of disc height, vertebral height and sagittal plane displacement "
        "from lateral radiographic views of the lumbar spine",
        "Clin Biomech",
        1997,
        "12(1 suppl):S1-S63",
    ),
    Reference(
        "glassman2005coronal",
        "Glassman SD et al.",
        "Correlation of radiographic parameters and clinical symptoms in adult scoliosis",
        "Spine",
        2005,
        "30:682",
        "10.1097/01.brs.0000155425.04536.f7",
    ),
    Reference(
        "glassman2005sagittal",
        "Glassman SD et al.",
        "The impact of positive sagittal balance in adult spinal deformity",
        "Spine",
        2005,
        "30:2024",
        "10.1097/01.brs.0000179086.30449.96",
    ),
    Reference(
        "greenberg73",
        "Greenberg MS",
        "Handbook of Neurosurgery, chapter 73, table 73.2",
        None,
        None,
    ),
    Reference(
        "hasegawa2016",
        "Hasegawa K et al.",
        "Normative values of spino-pelvic sagittal alignment, balance, age, and health-related "
        "quality of life in a cohort of healthy adult subjects",
        "Eur Spine J",
        2016,
        "25(11)",
        "10.1007/s00586-016-4702-2",
    ),
    Reference(
        "hayes1989",
        "Hayes MA et al.",
        "Roentgenographic evaluation of lumbar spine flexion-extension in asymptomatic individuals",
        "Spine",
        1989,
        "14:327-331",
        "10.1097/00007632-198903000-00014",
        "PMID 2711247",
    ),
    Reference(
        "hills2022",
        "Hills J et al.",
        "The T4-L1-hip axis: defining a normal sagittal spinal alignment",
        "Spine",
        2022,
        "47:1399-1406",
    ),
    Reference("hyun2019", "Hyun SJ", None, "Eur Spine J", 2019, "28:1906"),
    Reference(
        "hipp2023",
        "Hipp JA et al.",
        "The challenge of diagnosing lumbar segmental instability",
        "Research Square",
        2023,
        doi="10.21203/rs.3.rs-3659900/v1",
    ),
    Reference(
        "joseph2026",
        "Joseph K et al.",
        "Mechanical failures as predicted by achieving local versus global T4-L1 hip axis goals: "
        "a single-center experience",
        "Spine",
        2026,
        doi="10.1097/BRS.0000000000005450",
        pmid_or_pmc="PMID 40643908",
    ),
    Reference(
        "junction2023",
        None,
        None,
        None,
        2023,
        pmid_or_pmc="PMID 36745431",
    ),
    Reference(
        "kim2021pjk",
        "Kim HJ et al.",
        "Proximal junctional kyphosis in adult spinal deformity: definition, classification, risk "
        "factors, and prevention strategies",
        "Asian Spine J",
        2021,
        "16:440-450",
        "10.31616/asj.2020.0574",
        "PMC9260397",
    ),
    Reference(
        "koslosky2020",
        "Koslosky E, Gendelberg D",
        "Classification in brief: the Meyerding classification system of spondylolisthesis",
        "Clin Orthop Relat Res",
        2020,
        "478:1125-1130",
        "10.1097/CORR.0000000000001153",
    ),
    Reference(
        "kyphosis2024",
        None,
        "Estimating thoracic kyphosis without information on upper thoracic kyphosis: an "
        "observational study on 455 patients examined by EOS imaging",
        "BMC Musculoskelet Disord",
        2024,
        doi="10.1186/s12891-024-07490-2",
    ),
    Reference(
        "kyrola2018",
        "Kyrölä KK et al.",
        "Intra- and interrater reliability of sagittal spinopelvic parameters on full-spine "
        "radiographs in adults with symptomatic spinal disorders",
        "Neurospine",
        2018,
        "15:175-181",
        "10.14245/ns.1836054.027",
        "PMC6104729",
    ),
    Reference(
        "lafage_kyphosis_after_pso",
        "Lafage V et al.",
        "Changes in thoracic kyphosis negatively impact sagittal alignment after lumbar pedicle "
        "subtraction osteotomy: a comprehensive radiographic analysis",
        None,
        None,
    ),
    Reference(
        "lafage2009",
        "Lafage V et al.",
        "Pelvic tilt and truncal inclination: two key radiographic parameters in the setting of "
        "adults with spinal deformity",
        "Spine",
        2009,
        doi="10.1097/BRS.0b013e3181aad219",
    ),
    Reference(
        "lafage2016",
        "Lafage R et al.",
        "Defining spino-pelvic alignment thresholds: should operative goals in adult spinal "
        "deformity surgery account for age?",
        "Spine",
        2016,
        "41:62-68",
        "10.1097/BRS.0000000000001171",
    ),
    Reference(
        "laouissat2018",
        "Laouissat F et al.",
        "Classification of normal sagittal spine alignment: refounding the Roussouly "
        "classification",
        "Eur Spine J",
        2018,
        "27:2002-2011",
        "10.1007/s00586-017-5111-x",
    ),
    Reference(
        "lee2022",
        "Lee JK, Hyun SJ, Kim KJ",
        "Odontoid incidence: a novel cervical parameter influencing cervical alignment from top "
        "to bottom",
        "Neurospine",
        2022,
        "19(2)",
        "10.14245/ns.2244220.110",
        "PMC9260555",
    ),
    Reference(
        "legaye1998",
        "Legaye J et al.",
        "Pelvic incidence: a fundamental pelvic parameter for three-dimensional regulation of "
        "spinal sagittal curves",
        "Eur Spine J",
        1998,
        "7:99-103",
    ),
    Reference(
        "lehuec2016",
        "Le Huec JC, Hasegawa K",
        "Normative values for the spine shape parameters using 3D standing analysis from a "
        "database of 268 asymptomatic Caucasian and Japanese subjects",
        "Eur Spine J",
        2016,
        "25:3630-3637",
        "10.1007/s00586-016-4485-5",
        "PMID 26951168",
    ),
    Reference(
        "lehuec2019",
        "Le Huec JC et al.",
        "Sagittal balance of the spine",
        "Eur Spine J",
        2019,
        "28:1889-1905",
        "10.1007/s00586-019-06083-1",
    ),
    Reference(
        "lumbar_discs2024",
        None,
        None,
        "BMC Med Imaging",
        2024,
        doi="10.1186/s12880-024-01395-1",
    ),
    Reference(
        "macthiong2010",
        "Mac-Thiong JM et al.",
        "Sagittal parameters of global spinal balance: normative values from a prospective cohort "
        "of seven hundred nine Caucasian asymptomatic adults",
        "Spine",
        2010,
        "35:E1193-E1198",
        "10.1097/BRS.0b013e3181e50808",
        "PMID 20959772",
    ),
    Reference(
        "macthiong2011",
        "Mac-Thiong JM et al.",
        "Age- and sex-related variations in sagittal sacropelvic morphology and balance in "
        "asymptomatic adults",
        "Eur Spine J",
        2011,
        "20(Suppl 5):572-577",
        "10.1007/s00586-011-1923-2",
        "PMID 21833574",
    ),
    Reference(
        "martini2021",
        "Martini ML et al.",
        "Cervical spine alignment in the sagittal axis: a review of the best validated measures "
        "in clinical practice",
        "Global Spine J",
        2021,
        "11:1307-1312",
        "10.1177/2192568220972076",
        "PMID 33203239",
    ),
    Reference(
        "mcgraw1996",
        "McGraw KO, Wong SP",
        "Forming inferences about some intraclass correlation coefficients",
        "Psychol Methods",
        1996,
        "1:30-46",
        "10.1037/1082-989X.1.1.30",
    ),
    Reference(
        "meermans2011",
        "Meermans G et al.",
        "Preoperative radiographic assessment of limb-length discrepancy in total hip arthroplasty",
        "Clin Orthop Relat Res",
        2011,
        "469:1677-1682",
        "10.1007/s11999-010-1588-x",
        "PMC3094616",
    ),
    Reference("meyerding1932", "Meyerding HW", None, None, 1932),
    Reference(
        "obeid2016",
        "Obeid I et al.",
        "Global tilt: a single parameter incorporating spinal and pelvic sagittal parameters and "
        "least affected by patient positioning",
        "Eur Spine J",
        2016,
        "25:3644-3649",
        "10.1007/s00586-016-4649-3",
    ),
    Reference(
        "obeid2019",
        "Obeid I et al.",
        "Classification of coronal imbalance in adult scoliosis and spine deformity: "
        "a treatment-oriented guideline",
        "Eur Spine J",
        2019,
        "28:94-113",
        "10.1007/s00586-018-5826-3",
    ),
    # Cited as 2004 in the literature; the copy that is in circulation carries 2008.
    Reference(
        "obrien2004sdsg",
        "O'Brien MF et al.",
        "Spinal Deformity Study Group Radiographic Measurement Manual",
        "Medtronic Sofamor Danek",
        2004,
    ),
    Reference(
        "ono2012",
        "Ono T, Bastrom TP, Newton PO",
        "Defining two components of shoulder imbalance: clavicle tilt and trapezial prominence",
        "Spine",
        2012,
        "37(24)",
        "10.1097/BRS.0b013e31826e2bbb",
    ),
    Reference(
        "oneill1994",
        "O'Neill TW et al.",
        None,
        "J Bone Miner Res",
        1994,
        "9:1895-1907",
        "10.1002/jbmr.5650091209",
        "PMID 7872055",
    ),
    Reference(
        "panjabi1991",
        "Panjabi MM et al.",
        "Thoracic human vertebrae: quantitative three-dimensional anatomy",
        None,
        1991,
    ),
    Reference("panjabi1992", "Panjabi MM et al.", None, None, 1992),
    Reference(
        "park2024",
        "Park SJ et al.",
        "Risk factors for recurrent proximal junctional failure following adult spinal deformity "
        "surgery: analysis of 60 patients undergoing fusion extension surgery for proximal "
        "junctional failure",
        "Int J Spine Surg",
        2024,
    ),
    Reference(
        "passias2022",
        "Passias PG et al.",
        "Defining age-adjusted spinopelvic alignment thresholds: should we integrate BMI?",
        "Spine Deform",
        2022,
        doi="10.1007/s43390-022-00522-8",
    ),
    Reference(
        "patel2020",
        "Patel PD et al.",
        "A review of cervical spine alignment in the normal and degenerative spine",
        "J Spine Surg",
        2020,
        "6:106-123",
        "10.21037/jss.2020.01.10",
        "PMID 32309650",
    ),
    Reference(
        "pepke2019",
        "Pepke W et al.",
        None,
        "BMC Surg",
        2019,
        "19:7",
        "10.1186/s12893-019-0471-2",
        "PMC6334400",
    ),
    Reference("pmc5420824", None, None, None, None, pmid_or_pmc="PMC5420824"),
    Reference(
        "pmc9827318",
        None,
        None,
        None,
        None,
        pmid_or_pmc="PMC9827318",
    ),
    Reference(
        "pmid27111763",
        None,
        "Variations in sagittal alignment parameters based on age: a prospective study of "
        "asymptomatic volunteers using full-body radiographs",
        None,
        None,
        pmid_or_pmc="PMID 27111763",
    ),
    Reference(
        "protopsaltis2014",
        "Protopsaltis T et al.",
        "The T1 pelvic angle, a novel radiographic measure of global sagittal deformity, accounts "
        "for both spinal inclination and pelvic tilt and correlates with health-related quality "
        "of life",
        "J Bone Joint Surg Am",
        2014,
    ),
    Reference(
        "protopsaltis2018",
        "Protopsaltis T et al.",
        "T1 slope minus cervical lordosis (TS-CL), the cervical answer to PI-LL, defines cervical "
        "sagittal deformity in patients undergoing thoracolumbar osteotomy",
        "Int J Spine Surg",
        2018,
        "12:362",
    ),
    Reference(
        "roussouly2005",
        "Roussouly P et al.",
        "Classification of the normal variation in the sagittal alignment of the human lumbar "
        "spine and pelvis in the standing position",
        "Spine",
        2005,
        "30:346-353",
        "10.1097/01.brs.0000152379.54463.65",
    ),
    Reference(
        "ryan2014",
        "Ryan DJ et al.",
        "T1 pelvic angle (TPA) effectively evaluates sagittal deformity and assesses "
        "radiographical surgical outcomes longitudinally",
        "Spine",
        2014,
        "39(15)",
        "10.1097/BRS.0000000000000382",
    ),
    Reference(
        "sagittal_norms2025",
        None,
        None,
        None,
        2025,
        pmid_or_pmc="PMID 40261392",
    ),
    Reference(
        "schwab2010",
        "Schwab F et al.",
        "Adult spinal deformity - postoperative standing imbalance: how much can you tolerate? "
        "An overview of key parameters in assessing alignment and planning corrective surgery",
        "Spine",
        2010,
        "35:2224-2231",
    ),
    Reference(
        "schwab2011abstract",
        None,
        None,
        "Spine Affiliated Society Meeting Abstracts",
        2011,
        "paper 20",
    ),
    Reference(
        "schwab2012",
        "Schwab F et al.",
        "Scoliosis Research Society-Schwab adult spinal deformity classification: "
        "a validation study",
        "Spine",
        2012,
        "37:1077-1082",
        "10.1097/BRS.0b013e31823e15e2",
    ),
    Reference(
        "schwab2013",
        "Schwab FJ et al.",
        "Radiographical spinopelvic parameters and disability in the setting of adult spinal "
        "deformity: a prospective multicenter analysis",
        "Spine",
        2013,
        "38:E803-E812",
        "10.1097/BRS.0b013e318292b7b9",
        "PMID 23722572",
    ),
    Reference(
        "sebaaly2018",
        "Sebaaly A et al.",
        "Etiology, evaluation, and treatment of failed back surgery syndrome",
        "Asian Spine J",
        2018,
        "12:574-585",
        "10.4184/asj.2018.12.3.574",
        "PMC6002183",
    ),
    Reference(
        "segmental2022",
        None,
        None,
        "Sci Rep",
        2022,
        doi="10.1038/s41598-022-21840-x",
    ),
    Reference(
        "shen2024",
        "Shen Y et al.",
        "Characteristics of spinal morphology according to the global alignment and proportion "
        "(GAP) score in a diverse, asymptomatic cohort",
        "Spine",
        2024,
        "49:979-989",
        "10.1097/BRS.0000000000004966",
        "PMID 38385537",
    ),
    Reference(
        "shrout1979",
        "Shrout PE, Fleiss JL",
        "Intraclass correlations: uses in assessing rater reliability",
        "Psychol Bull",
        1979,
        "86:420-428",
    ),
    Reference(
        "srs_glossary",
        "Scoliosis Research Society",
        "Glossary",
        "srs.org",
        None,
    ),
    Reference(
        "standing2010",
        None,
        None,
        "Spine",
        2010,
        doi="10.1097/BRS.0b013e3181db7432",
    ),
    Reference(
        "terran2013",
        "Terran J et al.",
        "The SRS-Schwab adult spinal deformity classification",
        "Neurosurgery",
        2013,
        "73:559-568",
    ),
    Reference(
        "thoracic_discs2015",
        None,
        None,
        "Eur Spine J",
        2015,
        doi="10.1007/s00586-015-3925-y",
    ),
    Reference(
        "transitional2018",
        None,
        "Interpretation of spinal radiographic parameters in patients with transitional "
        "lumbosacral vertebrae",
        "Spine Deform",
        2018,
        "6:587-592",
        "10.1016/j.jspd.2018.01.004",
        "PMID 30122395",
    ),
    Reference(
        "wedging2010",
        None,
        None,
        "Eur Spine J",
        2010,
        "19:768-773",
        "10.1007/s00586-009-1256-6",
        "PMC2899959",
    ),
    Reference(
        "white1990",
        "White AA, Panjabi MM",
        "Clinical Biomechanics of the Spine",
        None,
        1990,
    ),
    Reference(
        "yilgor2017",
        "Yilgor C et al.",
        "Global alignment and proportion (GAP) score: development and validation of a new method "
        "of analyzing spinopelvic alignment to predict mechanical complications after adult "
        "spinal deformity surgery",
        "J Bone Joint Surg Am",
        2017,
        "99:1661-1672",
        "10.2106/JBJS.16.01594",
    ),
)
"""Sorted by key."""

REFERENCE: Mapping[str, Reference] = MappingProxyType({row.key: row for row in REFERENCES})
"""The same rows by key."""


def citation(key: str) -> str:
    """Return one line that names a source well enough to find it.

    Parameters
    ----------
    key
        A key of `REFERENCE`.

    Returns
    -------
    str
        Authors, journal, year, volume and pages; the title where there are no authors or no
        volume, and the best identifier where there is no volume.

    Raises
    ------
    KeyError
        When no source has that key.

    Examples
    --------
    >>> citation("schwab2012")
    'Schwab F et al. Spine 2012;37:1077-1082'
    """
    try:
        row = REFERENCE[key]
    except KeyError:
        raise KeyError(f"no reference has the key {key!r}") from None
    complete = row.authors is not None and row.volume_pages is not None
    title = None if complete else row.title
    issue = ";".join(str(part) for part in (row.year, row.volume_pages) if part is not None)
    place = " ".join(part for part in (row.journal, issue) if part)
    identifier = None
    if row.volume_pages is None:
        identifier = f"doi:{row.doi}" if row.doi is not None else row.pmid_or_pmc
    parts = [part for part in (row.authors, title, place, identifier) if part]
    # A full stop parts the fields, but "et al." and a question mark already end one.
    line = parts[0]
    for part in parts[1:]:
        line += f" {part}" if line.endswith((".", "?")) else f". {part}"
    return line
